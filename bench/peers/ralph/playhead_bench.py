"""Two stores for Ralph, untouched otherwise: one appends to its own file, one throws everything away.

Ralph's file store answers 500 to every request after the first: its default operation is "create".
"""

from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.base import StatementQueryResult
from ralph.backends.lrs.fs import FSLRSBackend


class Appending(FSLRSBackend):
    name = "fs_append"
    default_operation_type = BaseOperationType.APPEND


class Nothing(FSLRSBackend):
    name = "nothing"

    def write(self, data, *_args, **_options):
        return sum(1 for _ in data)

    def query_statements(self, *_args, **_options):
        return StatementQueryResult(statements=[])

    def query_statements_by_ids(self, *_args, **_options):
        return iter(())
