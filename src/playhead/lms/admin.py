"""Django's admin, for the people who run the site. Teachers never need it."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from playhead.core.errors import Forbidden
from playhead.lms.models import Course, Enrolment, Organisation, User, Video
from playhead.lms.views.auth import log_out

ViewType = TypeVar("ViewType", bound=Callable[..., HttpResponseBase])


class Site(AdminSite):
    """Logs in and out by the site's own pages, so that throttling and closing of playbacks hold here too."""

    site_header = site_title = _("Playhead admin")
    index_title = _("Accounts and courses")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def admin_view(self, view: ViewType, cacheable: bool = False) -> ViewType:  # noqa: FBT001, FBT002  Django's own
        guarded = super().admin_view(view, cacheable)

        def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Forbidden("not_admin", "Only admins may open this.")
            return guarded(request, *args, **kwargs)

        return cast(ViewType, update_wrapper(refusing, view))

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("login"))

    def logout(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # type: ignore[override]
        return log_out(request)


site = Site(name="admin")


@admin.register(User, site=site)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    list_display = ["username", "name", "email", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["username", "name", "email", "key"]
    ordering = ["username"]
    readonly_fields = ["key", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "key"]}),
        (_("Person"), {"fields": ["name", "email", "organisation"]}),
        (_("Rights"), {"fields": ["is_active", "is_superuser", "is_staff"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "name", "email", "usable_password", "password1", "password2"]})]


class EnrolmentInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Enrolment
    autocomplete_fields = ["user"]
    extra = 1


class VideoInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Video
    fields = ["position", "title", "source", "file", "url", "duration_ms"]
    extra = 0


@admin.register(Course, site=site)
class CourseAdmin(ModelAdmin):  # type: ignore[type-arg]
    list_display = ["title", "organisation", "threshold_percent", "max_rate", "no_skip"]
    search_fields = ["title", "key"]
    readonly_fields = ["key", "created_at"]
    inlines = [EnrolmentInline, VideoInline]


site.register(Organisation)
