"""Saved views: saving a list under a name, opening it, sharing, changing and deleting it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from history.models import Operation
from history.operations import operation
from lists.models import ListSettings, SavedView, ViewUse
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.customers.conftest import add_customer, agent, alder, manager, viewer

__all__ = ["agent", "alder", "manager", "viewer"]

LIST, VIEWS, ADD = "/acme/customers/", "/acme/lists/customers/views/", "/acme/lists/customers/views/add/"
STATE = "responsible_manager=me&q=alder&sort=-email&columns=name,email,phone"
SignIn = Callable[[User], Client]

pytestmark = pytest.mark.usefixtures("alder")


def save(client: Client, name: str = "Mine", state: str = STATE, **values: Any) -> int:
    """Save the list at `state` as a view; its id."""
    answer = client.post(f"{ADD}?{state}", {"name": name, "colour": "amber", **values})
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].rpartition("=")[2])


def page(pk: int, name: str) -> str:
    return f"{VIEWS}{pk}/{name}/"


def stored(acme: Tenant, pk: int) -> SavedView:
    with tenant(acme):
        return SavedView.objects.get(pk=pk)


def shelf(client: Client, address: str = LIST) -> list[str]:
    """The names of the views in the sidebar."""
    return re.findall(r'<span class="nav-name">(.*?)</span>', client.get(address).content.decode())


def messages_on(client: Client, address: str = LIST) -> str:
    """What the next page says."""
    html = client.get(address, follow=True).content.decode()
    return " ".join(re.findall(r'<div class="toast".*?<p>(.*?)</p>', html, re.DOTALL))


def asks_for_counts(client: Client) -> str:
    """The address at which the sidebar's numbers of rows are to be had."""
    html = client.get(LIST).content.decode()
    [address] = re.findall(r'hx-get="(/acme/lists/view-counts/.*?)"', html)
    return unescape(address)


def counted(client: Client, address: str) -> dict[int, str]:
    """What that address says, by the views' ids."""
    answer = client.get(address)
    assert answer["Cache-Control"] == "private, max-age=60"
    found = re.findall(r'view-count-(\d+)".*?>(.*?)<', answer.content.decode())
    return {int(key): text for key, text in found}


# -- saving and opening -----------------------------------------------------------------------------------


def test_a_list_is_saved_whole_and_opens_as_it_was(agent: Client, acme: Tenant) -> None:
    answer = agent.post(f"{ADD}?{STATE}&size=100&after=x&select=1", {"name": "My Alders", "colour": "amber"})
    view = stored(acme, int(answer["Location"].rpartition("=")[2]))
    assert (view.name, view.colour, view.is_shared, view.list) == ("My Alders", "amber", False, "customers")
    assert view.query == STATE
    assert answer["Location"] == f"{LIST}?{STATE}&view={view.pk}"
    opened = agent.get(answer["Location"])
    listing = opened.context["listing"]
    assert listing.filterset.chosen == {"q": ["alder"], "responsible_manager": ["me"]}
    assert (listing.order.key, [column.key for column in listing.shown]) == (
        "-email",
        ["name", "email", "phone"],
    )
    assert not opened.context["view_is_edited"]
    html = opened.content.decode()
    assert "<title>My Alders · Customers" in html
    assert re.search(rf'view={view.pk}" aria-current="true"><span class="dot" data-colour="amber">', html)
    assert 'href="/acme/customers/" aria-current' not in html


def test_its_mark_alone_leads_to_the_whole_of_it(agent: Client) -> None:
    pk = save(agent)
    answer = agent.get(f"{LIST}?view={pk}")
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?{STATE}&view={pk}")


def test_what_the_person_has_chosen_for_the_list_is_saved_with_it(agent: Client, acme: Tenant) -> None:
    agent.post("/acme/lists/customers/columns/", {"size": "25", "density": "compact", "chosen": ["phone"]})
    assert stored(acme, save(agent, state="")).query == "sort=name&columns=name,phone"


def test_the_view_stays_open_while_the_list_is_narrowed_sorted_and_walked_through(
    agent: Client, acme: Tenant
) -> None:
    pk = save(agent)
    answer = agent.get(f"{LIST}?{STATE}&view={pk}&size=25", headers={"HX-Request": "true"})
    listing, html = answer.context["listing"], answer.content.decode()
    for address in (listing.address(), listing.address(without="q"), listing.bare_address, listing.here):
        assert f"view={pk}" in address
    assert ("view", str(pk)) in listing.kept()
    assert f'name="view" value="{pk}"' in html
    assert "Not as saved" not in html  # how many rows a page has is no part of the view
    edited = agent.get(f"{LIST}?q=birch&view={pk}", headers={"HX-Request": "true"}).content.decode()
    assert "Not as saved in “Mine”" in edited
    assert "Save changes" in edited


def test_saving_changes_and_saving_as_new(agent: Client, acme: Tenant) -> None:
    pk = save(agent)
    seen = stored(acme, pk).last_operation_id
    answer = agent.post(f"{page(pk, 'update')}?kind=company&sort=name&columns=name,email", {"seen": seen})
    assert answer["Location"] == f"{LIST}?kind=company&sort=name&columns=name,email&view={pk}"
    assert stored(acme, pk).query == "kind=company&sort=name&columns=name,email"
    agent.post(f"/acme/operations/{stored(acme, pk).last_operation_id}/undo/")
    assert stored(acme, pk).query == STATE
    assert save(agent, "Another") != pk


def test_the_columns_of_an_open_view_are_chosen_for_it(agent: Client, acme: Tenant) -> None:
    pk = save(agent)
    columns = f"/acme/lists/customers/columns/?{STATE}&view={pk}"
    html = agent.get(f"{LIST}?{STATE}&view={pk}").content.decode()
    assert "/acme/lists/customers/columns/?responsible_manager=me&amp;q=alder" in html
    shown = agent.get(columns).context["choices"]
    assert [choice.key for choice in shown if choice.chosen] == ["name", "email", "phone"]
    look = {"size": "25", "density": "compact"}
    answer = agent.post(columns, {**look, "order": ["kind", "email"], "chosen": ["kind", "email"]})
    listing = agent.get(answer["Location"]).context["listing"]
    assert [column.key for column in listing.shown] == ["name", "kind", "email"]
    assert (listing.view.pk, listing.filterset.chosen["q"], listing.size) == (pk, ["alder"], 25)
    assert agent.get(LIST).context["listing"].settings.columns is None  # the list's own are as they were
    assert stored(acme, pk).query == STATE


def test_two_people_who_change_a_view_are_told(
    people: dict[str, User], signed_in: SignIn, manager: Client, acme: Tenant
) -> None:
    pk = save(manager, is_shared="on")
    seen = stored(acme, pk).last_operation_id
    admin = signed_in(people["admin"])
    admin.post(f"{page(pk, 'update')}?q=birch", {"seen": seen})
    theirs = stored(acme, pk).query
    manager.post(f"{page(pk, 'update')}?q=cedar", {"seen": seen})
    assert "Admin changed this view meanwhile" in messages_on(manager)
    manager.post(page(pk, "edit"), {"name": "Ours", "colour": "red", "is_shared": "on", "seen": seen})
    assert stored(acme, pk).name == "Ours"  # the name was nobody else's business
    answer = admin.post(
        page(pk, "edit"), {"name": "Theirs", "colour": "red", "is_shared": "on", "seen": seen}
    )
    assert (answer.status_code, stored(acme, pk).name) == (422, "Ours")
    assert "Manager saved this while you were typing" in answer.content.decode()
    assert stored(acme, pk).query == theirs


def test_a_persons_names_are_different_whatever_their_case(
    agent: Client, manager: Client, acme: Tenant
) -> None:
    pk = save(agent, "Açores")
    answer = agent.post(f"{ADD}?{STATE}", {"name": "ACORES", "colour": "red"})
    assert answer.status_code == 422
    assert "You have another view of this list with this name" in answer.content.decode()
    other = save(agent, "Other")
    assert agent.post(page(other, "edit"), {"name": "açores", "colour": "red"}).status_code == 422
    assert save(manager, "Açores") != pk
    contacts = agent.post("/acme/lists/contacts/views/add/", {"name": "Açores", "colour": "red"})
    assert contacts["Location"].startswith("/acme/contacts/?sort=name&columns=name,")
    assert "Açores" in shelf(agent, "/acme/contacts/")


@pytest.mark.parametrize("name", ["Mine \u202esweiv", "a\x07b", "a\u2067b", ""])
def test_a_name_that_is_not_shown_as_it_is_written_is_refused(agent: Client, acme: Tenant, name: str) -> None:
    assert agent.post(f"{ADD}?{STATE}", {"name": name, "colour": "red"}).status_code == 422
    with tenant(acme):
        assert not SavedView.objects.exists()


# -- sharing ----------------------------------------------------------------------------------------------


def test_managers_share_and_others_can_not(
    agent: Client, manager: Client, viewer: Client, acme: Tenant
) -> None:
    assert "is_shared" not in agent.get(f"{ADD}?{STATE}").context["form"].fields
    assert not stored(acme, save(agent, "Secret", is_shared="on")).is_shared
    pk = save(manager, "Ours", is_shared="on")
    assert stored(acme, pk).is_shared
    assert shelf(viewer) == ["Ours"]
    assert shelf(agent) == ["Ours", "Secret"]


def test_me_is_whoever_looks_and_sharing_says_so(manager: Client, agent: Client) -> None:
    assert "“Me” is whoever looks" in manager.get(f"{ADD}?{STATE}").content.decode()
    assert "“Me” is whoever looks" not in manager.get(f"{ADD}?q=me").content.decode()
    pk = save(manager, is_shared="on")
    address = f"{LIST}?{STATE}&view={pk}"
    assert [client.get(address).context["listing"].total.number for client in (manager, agent)] == [1, 0]


def test_a_colleague_with_fewer_rights_sees_what_they_may_and_is_told(
    manager: Client, viewer: Client, acme: Tenant
) -> None:
    pk = save(
        manager, state="q=alder&columns=name,billing_access_name,email,billing_access_phone", is_shared="on"
    )
    answer = viewer.get(f"{LIST}?{stored(acme, pk).query}&view={pk}")
    listing, html = answer.context["listing"], answer.content.decode()
    assert [column.key for column in listing.shown] == ["name", "email"]
    assert "2 columns that you may not see are left out." in html
    assert "Not understood" not in html
    assert "Not as saved" not in html  # for them it is as saved
    assert listing.filterset.chosen == {"q": ["alder"]}


@pytest.mark.parametrize("which", ["private", "deleted", "of another list", "of another company", "nonsense"])
def test_a_link_with_a_view_that_is_not_there_for_oneself_still_shows_its_list(
    which: str, manager: Client, agent: Client, acme: Tenant, globex: Tenant, bob: User
) -> None:
    pk = save(manager, "Secret plans", is_shared="on" if which == "of another list" else "")
    if which == "deleted":
        manager.post(page(pk, "delete"))
    if which == "of another company":
        with tenant(globex), operation("keep", by=bob):
            pk = SavedView.objects.create(list="customers", name="Secret plans", owner=bob, is_shared=True).pk
    path = "/acme/contacts/" if which == "of another list" else LIST
    answer = agent.get(f"{path}?q=alder&view={'9' * 40 if which == 'nonsense' else pk}")
    assert answer.status_code == 200
    listing = answer.context["listing"]
    assert (listing.view, listing.filterset.chosen) == (None, {"q": ["alder"]})
    assert "view=" not in listing.address()
    html = answer.content.decode()
    assert ("The saved view of this link is gone" in html) == (which != "nonsense")
    assert "Secret plans" not in re.sub(r'<nav class="sidebar".*?</nav>', "", html, flags=re.DOTALL)


def test_a_copied_link_names_the_view_where_it_is_shared(manager: Client, acme: Tenant) -> None:
    mine, ours = save(manager), save(manager, "Ours", is_shared="on")
    links = [manager.get(f"{LIST}?{STATE}&view={pk}").context["listing"].link for pk in (mine, ours)]
    assert links == [f"?{STATE}&size=50", f"?{STATE}&size=50&view={ours}"]


def test_the_pages_of_a_view_are_there_for_whom_it_is(
    people: dict[str, User], signed_in: SignIn, agent: Client, manager: Client, viewer: Client
) -> None:
    admin = signed_in(people["admin"])
    private, shared = save(agent), save(manager, "Ours", is_shared="on")
    for name in ("edit", "delete"):
        statuses = [client.get(page(private, name)).status_code for client in (agent, manager, admin)]
        assert statuses == [200, 404, 404]
        statuses = [client.get(page(shared, name)).status_code for client in (viewer, manager, admin)]
        assert statuses == [403, 200, 200]
    assert agent.get(f"/acme/lists/contacts/views/{private}/edit/").status_code == 404
    assert agent.get("/acme/lists/invoices-of-mars/views/").status_code == 404


# -- who uses it ------------------------------------------------------------------------------------------


def test_that_a_colleague_opened_it_is_kept_once_a_day(
    manager: Client, agent: Client, people: dict[str, User], acme: Tenant
) -> None:
    pk = save(manager, is_shared="on")
    address = f"{LIST}?{STATE}&view={pk}"
    for client in (manager, agent, agent):
        client.get(address)
    with tenant(acme):
        use = ViewUse.objects.get()
        assert (use.view_id, use.membership.user, use.day) == (pk, people["agent"], timezone.localdate())
        ViewUse.objects.update(day=use.day - timedelta(days=29))
    html = manager.get(page(pk, "delete")).content.decode()
    assert "1 colleague uses this view" in html
    assert "<li>Agent</li>" in html
    with tenant(acme):
        ViewUse.objects.update(day=timezone.localdate() - timedelta(days=30))
    assert "nobody else uses it" in manager.get(page(pk, "delete")).content.decode()
    agent.get(address)
    with tenant(acme):
        assert ViewUse.objects.get().day == timezone.localdate()


def test_changing_a_shared_view_says_who_uses_it(
    manager: Client, agent: Client, viewer: Client, acme: Tenant
) -> None:
    pk = save(manager, "Ours", is_shared="on")
    for client in (agent, viewer):
        client.get(f"{LIST}?{STATE}&view={pk}")
    assert "2 colleagues use this view" in manager.get(page(pk, "edit")).content.decode()
    assert ">Agent, Viewer<" in manager.get(VIEWS).content.decode()
    manager.post(f"{page(pk, 'update')}?q=x", {"seen": stored(acme, pk).last_operation_id})
    assert "2 of your colleagues use it too" in messages_on(manager)


def test_a_view_that_is_shared_no_longer_is_gone_for_the_others(
    manager: Client, agent: Client, acme: Tenant
) -> None:
    pk = save(manager, "Ours", is_shared="on")
    manager.post(
        page(pk, "edit"),
        {"name": "Mine again", "colour": "amber", "seen": stored(acme, pk).last_operation_id},
    )
    assert (shelf(agent), shelf(manager)) == ([], ["Mine again"])
    assert agent.get(page(pk, "edit")).status_code == 404


# -- the view that the list opens with --------------------------------------------------------------------


def test_a_persons_list_opens_with_the_view_they_choose(
    manager: Client, agent: Client, acme: Tenant, people: dict[str, User]
) -> None:
    pk = save(manager, "Ours", is_shared="on")
    agent.post(page(pk, "default"), {"opens": "1"})
    opened = agent.get(LIST, follow=True)
    assert opened.redirect_chain == [(f"{LIST}?{STATE}&view={pk}", 302)]
    assert opened.context["listing"].view.pk == pk
    assert manager.get(LIST).status_code == 200
    without = agent.get(f"{LIST}?view=none")
    assert (without.status_code, without.context["listing"].view) == (200, None)
    assert "view=none" in without.context["listing"].address()  # never the bare address, which opens the view
    assert f'href="{LIST}?view=none"' in without.content.decode()
    filtered = agent.get(f"{LIST}?q=birch").context["listing"]
    assert (filtered.view, filtered.filterset.chosen) == (None, {"q": ["birch"]})
    assert "<li>Agent (whose list opens with it)</li>" in manager.get(page(pk, "edit")).content.decode()
    agent.post(page(pk, "default"), {"opens": "0"})
    assert agent.get(LIST).status_code == 200


def test_without_its_view_a_list_opens_as_it_is(manager: Client, agent: Client, acme: Tenant) -> None:
    for end in ("delete", "edit"):
        pk = save(manager, end, is_shared="on")
        for client in (agent, manager):
            client.post(page(pk, "default"), {"opens": "1"})
        assert agent.get(LIST).status_code == 302
        manager.post(
            page(pk, end),
            {"name": "Mine", "colour": "red", "seen": stored(acme, pk).last_operation_id},
        )
        assert agent.get(LIST).status_code == 200
    assert manager.get(LIST).status_code == 302  # whose own it is
    with tenant(acme):
        assert ListSettings.objects.exclude(view=None).count() == 1


def test_nobody_opens_their_list_with_what_is_not_for_them(manager: Client, agent: Client) -> None:
    pk = save(manager)
    assert agent.post(page(pk, "default"), {"opens": "1"}).status_code == 404


# -- how many rows they have -----------------------------------------------------------------------------


def test_the_numbers_of_rows_come_after_the_page(
    manager: Client, agent: Client, acme: Tenant, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Alder Two", "Alder Three"):
        add_customer(acme, people["agent"], name=name)
    pk = save(manager, "Mine", is_shared="on")
    every = save(manager, "Everybody", state="q=alder", is_shared="on")
    contacts = agent.post("/acme/lists/contacts/views/add/", {"name": "People", "colour": "red"})
    of_contacts = int(contacts["Location"].rpartition("=")[2])
    assert f'<span class="nav-count" id="view-count-{pk}"></span>' in agent.get(LIST).content.decode()

    def numbers(client: Client) -> dict[int, str]:
        return counted(client, asks_for_counts(client))

    assert numbers(manager) == {pk: "1", every: "3"}
    assert numbers(agent) == {pk: "2", every: "3", of_contacts: "0"}
    monkeypatch.setattr("lists.matches.COUNTED", 2)
    assert numbers(manager)[every] == "10k+"
    monkeypatch.setattr("lists.saved.COUNTING", 0)
    assert numbers(manager) == {}


def test_a_browser_asks_for_the_numbers_again_when_there_are_other_views(
    manager: Client, agent: Client, acme: Tenant
) -> None:
    first = save(manager)
    asked = [asks_for_counts(manager)]
    second = save(manager, "Everybody", state="q=alder")
    asked.append(asks_for_counts(manager))
    assert counted(manager, asked[-1]) == {first: "1", second: "1"}
    assert counted(manager, asked[0]) == {first: "1"}  # the other has no place on that page
    agent.post("/acme/lists/contacts/views/add/", {"name": "People", "colour": "red"})
    assert asks_for_counts(manager) == asked[-1]
    manager.post(f"{page(second, 'update')}?q=birch", {"seen": stored(acme, second).last_operation_id})
    asked.append(asks_for_counts(manager))
    assert counted(manager, asked[-1]) == {first: "1", second: "0"}
    manager.post(page(first, "delete"))
    asked.append(asks_for_counts(manager))
    assert counted(manager, asked[-1]) == counted(manager, asked[0]) | {second: "0"} == {second: "0"}
    assert len(set(asked)) == len(asked)
    for wrong in ("", "?of=", "?of=x.y", "?of=1e9,%00", f"?of={'9' * 30}"):
        assert counted(manager, f"/acme/lists/view-counts/{wrong}") == {}


# -- managing ---------------------------------------------------------------------------------------------


def test_the_page_of_views_lists_ones_own_and_the_shared_ones_by_name(
    manager: Client, agent: Client, viewer: Client
) -> None:
    assert "No saved views yet" in agent.get(VIEWS).content.decode()
    save(agent, "beech")
    save(manager, "Alders", is_shared="on")
    save(manager, "Cedars")
    rows = agent.get(VIEWS).context["rows"]
    assert [(row["view"].name, row["may_change"]) for row in rows] == [("Alders", False), ("beech", True)]
    html = agent.get(VIEWS).content.decode()
    assert html.count("/delete/") == 2  # of one view: a link for htmx and for everybody else


def test_a_deleted_view_comes_back_with_undo(manager: Client, agent: Client, acme: Tenant) -> None:
    pk = save(manager, "Ours", is_shared="on")
    agent.get(f"{LIST}?{STATE}&view={pk}")
    assert manager.post(page(pk, "delete"))["Location"] == VIEWS
    assert shelf(agent) == []
    with tenant(acme):
        deleted = Operation.objects.latest("id")
    assert (deleted.kind, deleted.summary) == ("keep", "Deleted the view “Ours” of customers")
    assert agent.post(f"/acme/operations/{deleted.pk}/undo/").status_code == 403
    assert manager.post(f"/acme/operations/{deleted.pk}/undo/").status_code == 302
    assert shelf(agent) == ["Ours"]
    assert stored(acme, pk).query == STATE


def test_what_was_done_says_which_view_to_who_did_it_alone(
    manager: Client, agent: Client, people: dict[str, User], signed_in: SignIn, acme: Tenant
) -> None:
    shared, private = save(manager, "Ours", is_shared="on"), save(manager, "Secret plans")
    manager.post(f"{page(shared, 'update')}?q=x", {"seen": stored(acme, shared).last_operation_id})
    for pk in (private, shared):
        seen = stored(acme, pk).last_operation_id
        manager.post(page(pk, "edit"), {"name": stored(acme, pk).name, "colour": "red", "seen": seen})
    with tenant(acme):
        done = list(Operation.objects.filter(kind="keep").order_by("pk"))
    assert [one.summary for one in done] == [
        "Saved the view “Ours” of customers",
        "Saved the view “Secret plans” of customers",
        "Changed the view “Ours” of customers",
        "Changed the view “Secret plans” of customers",
        "Changed the view “Ours” of customers",
    ]
    manager.post(f"/acme/operations/{done[1].pk}/undo/")
    for _ in range(3):
        with tenant(acme):
            undo = Operation.objects.latest("pk")
        manager.post(f"/acme/operations/{undo.pk}/undo/")
    assert "Secret plans" in manager.get("/acme/operations/").content.decode()
    for client in (agent, signed_in(people["owner"])):
        assert "Secret plans" not in client.get("/acme/operations/").content.decode()
        for one in (done[1], undo):
            assert client.get(f"/acme/operations/{one.pk}/").status_code == 404
            assert client.get(f"/acme/operations/{one.pk}/rows/").status_code == 404
    owner = signed_in(people["owner"])
    assert "Secret plans" not in owner.get("/acme/admin/history/operation/").content.decode()


def test_undoing_the_deletion_of_a_view_has_lists_open_with_it_again(
    manager: Client, agent: Client, viewer: Client, acme: Tenant, people: dict[str, User]
) -> None:
    pk, other = save(manager, "Ours", is_shared="on"), save(manager, "Other", is_shared="on")
    for client in (agent, viewer, manager):
        client.post(page(pk, "default"), {"opens": "1"})
    manager.post(page(pk, "delete"))
    with tenant(acme):
        deleted = Operation.objects.latest("pk")
    assert agent.get(LIST).status_code == 200
    viewer.post(page(other, "default"), {"opens": "1"})
    manager.post(f"/acme/operations/{deleted.pk}/undo/")
    for client, view in ((agent, pk), (manager, pk), (viewer, other)):
        assert client.get(LIST)["Location"].endswith(f"&view={view}")


def test_nobody_sees_or_undoes_what_somebody_else_did_with_a_view(
    people: dict[str, User], signed_in: SignIn, agent: Client, acme: Tenant
) -> None:
    pk = save(agent, "Secret plans")
    address = f"/acme/operations/{stored(acme, pk).last_operation_id}/undo/"
    owner = signed_in(people["owner"])
    for answer in (owner.get(address), owner.post(address)):
        assert answer.status_code == 403
        assert "Secret plans" not in answer.content.decode()
    assert stored(acme, pk)


def test_views_of_who_left_stay_shared_and_admins_look_after_them(
    people: dict[str, User], signed_in: SignIn, manager: Client, viewer: Client, acme: Tenant
) -> None:
    pk = save(manager, "Ours", is_shared="on")
    viewer.get(f"{LIST}?{STATE}&view={pk}")
    with tenant(acme), operation("people", by=people["owner"]):
        Customer.objects.update(responsible_manager=Membership.objects.get(user=people["owner"], tenant=acme))
        for name in ("manager", "viewer"):
            Membership.objects.get(user=people[name], tenant=acme).delete()
        assert not ViewUse.objects.exists()
    admin = signed_in(people["admin"])
    assert shelf(admin) == ["Ours"]
    assert admin.post(page(pk, "delete")).status_code == 302


def test_what_is_not_understood_is_said_where_a_view_is_saved(agent: Client) -> None:
    asked = unescape(agent.get(f"{ADD}?q=alder&status=99999").content.decode())
    assert "Not understood in the address, and no part of the view: Status = 99999." in asked
    assert "Not understood" not in agent.get(f"{ADD}?{STATE}").content.decode()
