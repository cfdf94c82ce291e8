"""Every address of the product, and from which role on it may be read and written to.

An address without a line here fails `test_permissions`. Roles rise: viewer, agent, manager, admin, owner; who
may do something, may all above. Below it: 403, and nothing changes. For strangers: 404. Signed out: the sign-in page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from contacts.models import Address as Place
from contacts.models import Contact
from customers.models import Customer
from history.models import Operation
from imports.models import ImportRun, Schedule
from lists.models import Export, ExportTemplate, SavedView, Selection
from marketing.models import Channel, Segment, Status
from tenants.context import require_tenant_id
from tenants.models import Invitation, Membership
from tenants.roles import Role

Args = Callable[[], list[Any]]  # of the address; called inside the company


def no_args() -> list[Any]:
    return []


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address below `/<slug>/`. `get` and `post` are what those get who may; None where the method is refused."""

    name: str
    least: Role
    args: Args = no_args
    get: int | None = 200
    post: int | None = None
    post_least: Role | None = None  # where writing needs more than reading
    data: dict[str, Any] = field(default_factory=dict)
    owner_get: int | None = None  # where the last owner is answered otherwise
    owner_post: int | None = None
    missing: int = 404  # for a row that another company has, or nobody
    of_a_row: bool = True  # whether `args`, if any, are of a row
    fragment: bool = True  # whether htmx gets a part of the page

    def status(self, role: Role, method: str) -> int:
        least = self.post_least or self.least if method == "POST" else self.least
        if RISING.index(role) < RISING.index(least):
            return 403
        own = self.owner_post if method == "POST" else self.owner_get
        if role == Role.OWNER and own:
            return own
        return (self.post if method == "POST" else self.get) or 405


LOOK = {"size": "50", "density": "compact"}
DESK = "desk"  # where the operation came from that changed customers, and nothing else
RISING = [Role.VIEWER, Role.AGENT, Role.MANAGER, Role.ADMIN, Role.OWNER]
VIEWER, AGENT, MANAGER, ADMIN, OWNER = RISING


def one(model: type[models.Model], **found_by: Any) -> Args:
    """The key of a row of the company."""
    return lambda: [model._default_manager.filter(**found_by).values_list("pk", flat=True)[0]]


def behind(model: type[models.Model]) -> Args:
    """The keys of a row of a customer, and of that customer."""
    return lambda: list(model._default_manager.values_list("customer_id", "pk")[0])


def member() -> list[Any]:
    """Somebody of the company whom nobody works with: its viewer, or whoever there is."""
    members = Membership.objects.filter(tenant_id=require_tenant_id())
    return [(members.filter(role=Role.VIEWER).first() or members.get()).pk]


def invited() -> list[Any]:
    return [Invitation.objects.get(tenant_id=require_tenant_id()).pk]


def selected() -> list[Any]:
    return ["customers", Selection.objects.get().pk, "status"]


def a_view() -> list[Any]:
    """A list's name and the key of a view of it, which its owner shares."""
    return ["customers", SavedView.objects.get().pk]


def list_pages(singular: str, plural: str, model: type[models.Model], free: str) -> list[Address]:
    """The settings pages of one of the tenant's lists. `free` is an entry that no customer has."""
    entry = one(model, name=free)
    step = {"least": ADMIN, "args": entry, "get": None, "post": 302}
    return [
        Address(name=f"marketing:{plural}", least=ADMIN),
        Address(name=f"marketing:{singular}-add", least=ADMIN, post=422),
        Address(name=f"marketing:{singular}-edit", least=ADMIN, args=entry, post=422, data={"name": ""}),
        *(
            Address(name=f"marketing:{singular}-{verb}", **step)  # type: ignore[arg-type]
            for verb in ("up", "down", "make-default", "retire", "reinstate")
        ),
        Address(name=f"marketing:{singular}-delete", least=ADMIN, args=entry, post=302),
    ]


def admin_page(name: str, **given: Any) -> Address:
    return Address(name=f"admin:{name}", least=ADMIN, fragment=False, **given)


def admin_pages(name: str, row: Args, *, read_only: bool = False) -> list[Address]:
    """Django's five pages of a model. A form sent without anything is shown again, with 200.

    For a row that is not there they lead to the index, which says so.
    """
    closed = 403 if read_only else 200
    return [
        admin_page(f"{name}_changelist", post=200),
        admin_page(f"{name}_add", get=closed, post=closed),
        admin_page(f"{name}_change", args=row, post=closed, missing=302),
        admin_page(
            f"{name}_delete",
            args=row,
            get=closed,
            post=403 if read_only else 302,
            data={"post": "yes"},
            missing=302,
        ),
        admin_page(f"{name}_history", args=row, get=302, post=302, missing=302)
        if read_only
        else admin_page(f"{name}_history", args=row, post=200),
    ]


TENANT = [
    Address(name="dashboard", least=VIEWER),
    Address(name="charts", least=VIEWER),
    Address(name="jump", least=VIEWER),
    # customers
    Address(name="customers:list", least=VIEWER),
    Address(
        name="lists:columns", least=VIEWER, args=lambda: ["customers"], of_a_row=False, post=302, data=LOOK
    ),
    Address(name="lists:filters", least=VIEWER, args=lambda: ["contacts"], of_a_row=False, post=302),
    Address(name="lists:count", least=VIEWER, args=lambda: ["customers"], of_a_row=False),
    Address(
        name="lists:select",
        least=MANAGER,
        args=lambda: ["customers"],
        of_a_row=False,
        get=None,
        post=404,
        data={"action": "none of them"},
    ),
    # what the owner selected, and did something with already
    Address(
        name="lists:bulk", least=MANAGER, args=selected, get=404, post=404, owner_get=302, owner_post=302
    ),
    Address(name="lists:views", least=VIEWER, args=lambda: ["customers"], of_a_row=False),
    Address(name="lists:view-add", least=VIEWER, args=lambda: ["customers"], of_a_row=False, post=422),
    Address(name="lists:view-edit", least=ADMIN, args=a_view, post=422, data={"name": ""}),
    Address(name="lists:view-update", least=ADMIN, args=a_view, get=None, post=302),
    Address(
        name="lists:filter-add", least=VIEWER, args=lambda: ["customers"], of_a_row=False, get=None, post=302
    ),
    Address(name="lists:size", least=VIEWER, args=lambda: ["customers"], of_a_row=False, get=None, post=302),
    Address(name="lists:view-default", least=VIEWER, args=a_view, get=None, post=302),
    Address(name="lists:view-counts", least=VIEWER, fragment=False),
    Address(name="lists:view-delete", least=ADMIN, args=a_view, post=302),
    Address(name="contacts:list", least=VIEWER),
    Address(name="customers:export", least=MANAGER, post=422),
    Address(name="contacts:export", least=MANAGER, post=422),
    Address(name="exports:list", least=MANAGER),
    Address(name="exports:download", least=MANAGER, args=one(Export), get=404, fragment=False),  # no file yet
    Address(name="exports:cancel", least=MANAGER, args=one(Export), get=None, post=302),
    Address(name="exports:template", least=ADMIN, args=one(ExportTemplate), post=422, data={"name": ""}),
    Address(name="exports:delete-template", least=ADMIN, args=one(ExportTemplate), post=302),
    # imports: the company's one waits for approval, and its file is gone
    Address(name="imports:list", least=MANAGER),
    Address(name="imports:create", least=MANAGER, post=422),
    Address(name="imports:format", least=MANAGER),
    Address(name="imports:sample-csv", least=MANAGER, fragment=False),
    Address(name="imports:sample-xlsx", least=MANAGER, fragment=False),
    Address(name="imports:detail", least=MANAGER, args=one(ImportRun)),
    Address(name="imports:columns", least=MANAGER, args=one(ImportRun), post=422),
    Address(name="imports:place", least=MANAGER, args=one(ImportRun), get=None, post=302),
    Address(name="imports:approve", least=MANAGER, args=one(ImportRun), get=None, post=422),
    Address(name="imports:cancel", least=MANAGER, args=one(ImportRun), get=None, post=302),
    Address(name="imports:discard", least=MANAGER, args=one(ImportRun), post=302),
    Address(name="imports:again", least=MANAGER, args=one(ImportRun), get=None, post=302),
    Address(name="imports:errors", least=MANAGER, args=one(ImportRun), get=404, fragment=False),
    Address(name="imports:file", least=MANAGER, args=one(ImportRun), get=404, fragment=False),
    # timed imports: the company's one has a file that somebody uploaded
    Address(name="timed:list", least=MANAGER),
    Address(name="timed:create", least=MANAGER, post=422),
    Address(name="timed:edit", least=MANAGER, args=one(Schedule), post=422, data={"name": ""}),
    Address(name="timed:delete", least=MANAGER, args=one(Schedule), post=302),
    *(
        Address(name=f"timed:{verb}", least=MANAGER, args=one(Schedule), get=None, post=302)
        for verb in ("pause", "resume", "run")
    ),
    Address(name="customers:create", least=AGENT, post=422),
    Address(name="customers:detail", least=VIEWER, args=one(Customer)),
    Address(name="customers:update", least=AGENT, args=one(Customer), post=422, data={"name": ""}),
    Address(name="customers:marketing", least=VIEWER, args=one(Customer), post=422, post_least=AGENT),
    Address(name="customers:history", least=VIEWER, args=one(Customer)),
    Address(name="customers:disable", least=AGENT, args=one(Customer), post=302, data={"reason": "gone"}),
    Address(name="customers:enable", least=AGENT, args=one(Customer), get=None, post=302),
    Address(name="customers:delete", least=MANAGER, args=one(Customer), post=302),
    # contacts and addresses
    Address(name="contacts:customer-tab", least=VIEWER, args=one(Customer)),
    Address(name="contacts:delete-contact", least=AGENT, args=behind(Contact), post=302),
    Address(name="contacts:delete-address", least=AGENT, args=behind(Place), post=302),
    Address(name="contacts:access", least=AGENT, args=one(Customer)),
    # what anybody did
    Address(name="history:running", least=VIEWER),
    Address(name="history:activity", least=VIEWER),
    Address(name="history:operation", least=VIEWER, args=one(Operation, kind="edit")),
    Address(name="history:rows", least=VIEWER, args=one(Operation, kind="edit", source="")),
    Address(name="history:kept", least=VIEWER, args=one(Operation, kind="edit", source="")),
    Address(name="history:cancel", least=VIEWER, args=one(Operation, kind="edit"), get=None, post=302),
    Address(name="history:undo", least=AGENT, args=one(Operation, source=DESK), post=302),
    # the company
    Address(name="company:settings", least=ADMIN, get=302),
    Address(name="company:profile", least=ADMIN, post=422, data={"name": ""}),
    Address(name="company:link-preview", least=ADMIN, fragment=False),
    Address(name="company:people", least=ADMIN),
    Address(name="company:invite", least=ADMIN, post=422, data={"email": "nobody"}),
    Address(name="company:role", least=ADMIN, args=member, post=302, data={"role": "agent"}),
    Address(name="company:remove", least=ADMIN, args=member, post=302),
    Address(name="company:leave", least=VIEWER, post=302, owner_post=422),
    Address(name="company:resend", least=ADMIN, args=invited, get=None, post=302),
    Address(name="company:withdraw", least=ADMIN, args=invited, get=None, post=302),
    *list_pages("segment", "segments", Segment, "Enterprise"),
    *list_pages("status", "statuses", Status, "Paused"),
    *list_pages("channel", "channels", Channel, "Partner"),
    # the admin pages
    admin_page("index", post=200),
    admin_page("login", get=302, post=302),
    admin_page("logout", get=302, post=302),
    admin_page("jsi18n"),
    admin_page("app_list", args=lambda: ["customers"], of_a_row=False, post=200, missing=200),
    *admin_pages("customers_customer", one(Customer)),
    admin_page("customers_customer_import", post=422),
    admin_page("customers_customer_export", get=302, post=302),
    *admin_pages("contacts_contact", one(Contact)),
    *admin_pages("contacts_address", one(Place)),
    *admin_pages("marketing_segment", one(Segment, name="Enterprise")),
    *admin_pages("marketing_status", one(Status, name="Paused")),
    *admin_pages("marketing_channel", one(Channel, name="Partner")),
    *admin_pages("history_operation", one(Operation), read_only=True),
]
# Without a name; the admin's own. They lead to pages that are listed, or nowhere.
UNNAMED = {"admin:<path:object_id>/", "admin:(?P<url>.*)$"}


@dataclass(frozen=True, kw_only=True)
class PublicAddress:
    """An address outside the tenants: what a visitor gets who is signed out, and one who is signed in."""

    name: str
    signed_out: int = 200
    signed_in: int = 200
    args: tuple[Any, ...] = ()
    why: str = ""


PUBLIC = [
    PublicAddress(name="home", signed_out=302, signed_in=302, why="to sign in; to the only company"),
    PublicAddress(name="accounts", signed_out=302, signed_in=302),
    PublicAddress(name="account_login", signed_in=302),
    PublicAddress(name="account_logout", signed_out=302),
    PublicAddress(name="account_inactive"),
    PublicAddress(name="account_signup", why="says that people join by invitation"),
    PublicAddress(name="account_reauthenticate", signed_out=302),
    PublicAddress(name="account_change_password", signed_out=302),
    PublicAddress(name="account_reset_password"),
    PublicAddress(name="account_reset_password_done"),
    PublicAddress(name="account_reset_password_from_key", args=("1", "no-key")),
    PublicAddress(name="mfa_index", signed_out=302),
    PublicAddress(name="mfa_authenticate", signed_out=302, signed_in=302),
    PublicAddress(name="mfa_reauthenticate", signed_out=302, signed_in=302, why="only with a second factor"),
    PublicAddress(name="mfa_activate_totp", signed_out=302, signed_in=302, why="after the password"),
    PublicAddress(name="mfa_totp_qr_code", signed_out=302, signed_in=302, why="after the password"),
    PublicAddress(name="mfa_deactivate_totp", signed_out=302, signed_in=404, why="only when it is on"),
    PublicAddress(name="mfa_view_recovery_codes", signed_out=302, signed_in=404, why="only if any"),
    PublicAddress(
        name="mfa_generate_recovery_codes", signed_out=302, signed_in=302, why="after the password"
    ),
    PublicAddress(name="mfa_download_recovery_codes", signed_out=302, signed_in=404, why="only if any"),
    PublicAddress(name="invitation", args=("no-token",), signed_out=404, signed_in=404),
    PublicAddress(name="livez"),
    PublicAddress(name="readyz"),
]
