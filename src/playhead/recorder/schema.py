"""Keep a table in the order of its key: in SQLite, without a rowid and so without a second tree."""

from django.db import router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class WithoutRowid(Operation):
    """Rewrites an empty table WITHOUT ROWID. Elsewhere than in SQLite, nothing."""

    reversible = True
    reduces_to_sql = False

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *_states: ProjectState
    ) -> None:
        connection = schema_editor.connection
        if connection.vendor != "sqlite" or not _migrates(connection.alias, app_label):
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [self.table])
            made, *indexes = [sql for (sql,) in cursor.fetchall()]
            cursor.execute(f'DROP TABLE "{self.table}"')
            for statement in (f"{made} WITHOUT ROWID", *indexes):
                cursor.execute(statement)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *_states: ProjectState
    ) -> None:
        pass

    def describe(self) -> str:
        return f"Keep {self.table} in the order of its key"


def _migrates(alias: str, app_label: str) -> bool:
    return router.allow_migrate(alias, app_label)
