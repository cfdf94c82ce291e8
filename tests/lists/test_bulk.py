"""Selecting rows: the list with tick boxes, what is frozen, and the page that asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.tasks import clear_selections
from customers.models import Customer
from history.operations import operation
from lists.models import Export, Selection
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer, agent, alder, asked, manager, viewer
from tests.lists.bulk import LIST, SELECT, names, numbers, said, select, select_all, selection, status_named

__all__ = ["agent", "alder", "manager", "viewer"]


@pytest.fixture
def trees(acme: Tenant, people: dict[str, User], alder: Customer) -> list[Customer]:
    """Three customers."""
    return [alder, *(add_customer(acme, people["manager"], name=name) for name in ("Birch", "Cedar"))]


def boxes(client: Client, address: str) -> list[tuple[str, str]]:
    html = client.get(address).content.decode()
    return re.findall(r'name="selected" value="(\d+)" aria-label="Select ([^"]+)"', html)


class TestTheListWithTickBoxes:
    def test_bulk_edit_leads_to_the_same_list_with_a_box_for_each_row(
        self, manager: Client, trees: list[Customer]
    ) -> None:
        plain = manager.get(f"{LIST}?sort=-name").content.decode()
        assert 'name="selected"' not in plain
        link = re.search(r'id="bulk-link" href="([^"]+)"', plain)
        assert link
        assert link[1] == f"{LIST}?sort=-name&amp;select=1"
        ticks = boxes(manager, f"{LIST}?sort=-name&select=1")
        assert ticks == [(str(row.pk), row.name) for row in reversed(trees)]

    def test_the_mode_is_kept_by_every_address_but_not_copied(
        self, manager: Client, trees: list[Customer]
    ) -> None:
        answer = manager.get(f"{LIST}?select=1&size=25")
        html = answer.content.decode()
        assert '<input type="hidden" name="select" value="1">' in html
        assert "select=1" in re.search(r'id="sort-name" href="([^"]+)"', html)[1]  # type: ignore[index]
        assert "select=1" not in re.search(r'data-copy="([^"]+)"', html)[1]  # type: ignore[index]
        assert f'id="bulk-link" href="{LIST}?size=25"' in html
        assert not answer.context["listing"].ignored

    def test_it_costs_no_query_more(self, manager: Client, trees: list[Customer]) -> None:
        counts = []
        for address in (LIST, f"{LIST}?select=1"):
            with CaptureQueriesContext(connection) as queries:
                manager.get(address)
            counts.append(len(asked(queries)))
        assert counts[0] == counts[1]

    def test_who_may_not_edit_in_bulk_selects_nothing(self, agent: Client, alder: Customer) -> None:
        html = agent.get(f"{LIST}?select=1").content.decode()
        assert 'name="selected"' not in html
        assert "bulk-link" not in html
        assert agent.post(SELECT, {"action": "status", "selected": [alder.pk]}).status_code == 403

    def test_a_list_without_actions_has_none(self, manager: Client, alder: Customer) -> None:
        assert "bulk-link" not in manager.get("/acme/contacts/?select=1").content.decode()
        assert manager.post("/acme/lists/contacts/selection/", {"action": "status"}).status_code == 404


class TestFreezing:
    def test_ticked_rows_and_those_of_other_pages(
        self, manager: Client, acme: Tenant, trees: list[Customer]
    ) -> None:
        alder, _, cedar = trees
        address = select(manager, "status", [cedar.pk], others=f"{alder.pk},x,,-1,{2**70},{alder.pk}")
        made = selection(acme)
        assert address == f"{SELECT}{made.pk}/status/"
        assert (made.ids, made.number, made.words) == (sorted([alder.pk, cedar.pk]), 2, "2 customers")

    def test_all_that_match_at_this_moment(
        self, manager: Client, acme: Tenant, people: dict[str, User], trees: list[Customer]
    ) -> None:
        address = select_all(manager, "status", query="?state=all&sort=-name&select=1")
        made = selection(acme)
        assert made.ids == sorted(row.pk for row in trees)
        assert (made.words, made.query) == ("3 customers, disabled ones too", "state=all&sort=-name")
        add_customer(acme, people["manager"], name="Rowan")
        lead = status_named(acme, "Lead")
        answer = manager.post(address, {"status": lead})
        assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?state=all&sort=-name&select=1")
        assert names(acme, status__name="Lead") == {"Alder Bikes", "Birch", "Cedar"}

    def test_all_that_match_but_for_those_that_were_taken_out(
        self, manager: Client, acme: Tenant, trees: list[Customer]
    ) -> None:
        _, birch, cedar = trees
        select_all(manager, "status", query="?state=all", without=f"{birch.pk},x")
        made = selection(acme)
        assert birch.pk not in made.ids
        assert (cedar.pk in made.ids, made.number) == (True, 2)
        assert made.words == "2 customers, disabled ones too; without 1 of them"

    def test_all_that_match_are_frozen_without_being_read(
        self, manager: Client, acme: Tenant, trees: list[Customer]
    ) -> None:
        with CaptureQueriesContext(connection) as queries:
            select_all(manager, "status")
        statements = [one for one in asked(queries) if '"lists_selection"' in one]
        assert [one.split()[0] for one in statements] == ["INSERT", "UPDATE", "SELECT", "UPDATE"]
        assert "ARRAY(" in statements[1]

    def test_all_is_refused_where_a_filter_is_not_understood(
        self, manager: Client, acme: Tenant, trees: list[Customer]
    ) -> None:
        """As when the status of a saved view has been deleted: all rows match without it."""
        assert select_all(manager, "disable", query="?status=99999&q=birch") == f"{LIST}?q=birch"
        [message] = said(manager)
        assert message.startswith("Nothing was selected: Status = 99999 is not understood")
        page = manager.get(f"{LIST}?status=99999&q=birch&select=1")
        assert page.content.decode().count("selection/?q=birch&amp;select=1&amp;status=99999") >= 2
        assert manager.get(f"{LIST}?q=birch&sort=nonsense").context["listing"].unread == []
        with tenant(acme):
            assert not Selection.objects.exists()

    def test_another_companys_rows_are_left_out(
        self, manager: Client, acme: Tenant, globex: Tenant, bob: User, alder: Customer
    ) -> None:
        theirs = add_customer(globex, bob, name="Yew")
        select(manager, "status", [alder.pk, theirs.pk])
        assert selection(acme).ids == [alder.pk]

    def test_nothing_ticked_is_said(self, manager: Client, acme: Tenant, alder: Customer) -> None:
        address = select(manager, "status", query="?sort=-name&select=1")
        assert address == f"{LIST}?sort=-name&select=1"
        assert said(manager, address) == ["Nothing is selected. Tick the rows first."]
        with tenant(acme):
            assert not Selection.objects.exists()

    def test_an_unknown_action_is_not_found(self, manager: Client, alder: Customer) -> None:
        assert manager.post(SELECT, {"action": "explode", "selected": [alder.pk]}).status_code == 404
        assert manager.get(f"{SELECT}1/export/").status_code == 404

    def test_a_selection_is_for_who_made_it(
        self,
        manager: Client,
        people: dict[str, User],
        signed_in: Callable[[User], Client],
        bob: User,
        alder: Customer,
    ) -> None:
        address = select(manager, "status", [alder.pk])
        assert manager.get(address).status_code == 200
        assert signed_in(people["owner"]).get(address).status_code == 404
        assert signed_in(people["agent"]).get(address).status_code == 403
        assert signed_in(bob).get(address.replace("acme", "globex")).status_code == 404


class TestAsking:
    def test_it_says_how_many_change_once_a_value_is_chosen(
        self, manager: Client, acme: Tenant, people: dict[str, User], trees: list[Customer]
    ) -> None:
        add_customer(acme, people["manager"], name="Dogwood", status=None)
        address = select_all(manager, "status")
        html = manager.get(address).content.decode()
        assert "Set the status of 4 customers" in html
        assert "then it says here how many change" in html
        for send in (manager.get, manager.post):
            answer = send(address, {"status": status_named(acme, "Active"), "preview": "1"})
            assert answer.status_code == 200
            assert numbers(answer) == {"Will change": "1", "Have it already": "3"}
        manager.post(f"{LIST}{trees[0].pk}/delete/")
        answer = manager.get(address, {"status": status_named(acme, "Active")})
        assert numbers(answer) == {"Will change": "1", "Have it already": "2", "No longer there": "1"}
        with tenant(acme):
            assert Customer.objects.filter(status=None).count() == 1

    def test_for_htmx_it_is_a_dialog_and_the_numbers_come_alone(
        self, manager: Client, acme: Tenant, alder: Customer
    ) -> None:
        address = select(manager, "status", [alder.pk])
        htmx = {"HX-Request": "true"}
        dialog = manager.get(address, headers=htmx).content.decode()
        assert "<html" not in dialog
        assert '<h2 id="question">' in dialog
        lead = status_named(acme, "Lead")
        part = manager.get(address, {"status": lead}, headers={**htmx, "HX-Target": "bulk-numbers"})
        assert "<form" not in part.content.decode()
        assert numbers(part) == {"Will change": "1"}

    @pytest.mark.parametrize("value", ["", "0", "x", "none of these"])
    def test_what_is_not_offered_is_refused(
        self, manager: Client, acme: Tenant, alder: Customer, value: str
    ) -> None:
        address = select(manager, "status", [alder.pk])
        answer = manager.post(address, {"status": value})
        assert answer.status_code == 422
        with tenant(acme):
            assert Customer.objects.get().status_id == alder.status_id
            assert selection(acme).operation_id is None


@pytest.mark.django_db
def test_what_nobody_did_anything_with_is_cleared_after_a_day(
    manager: Client, acme: Tenant, people: dict[str, User], alder: Customer
) -> None:
    day = timedelta(days=1)
    with tenant(acme), operation("edit", by=people["manager"]) as running:
        running.keep()
        made = [
            Selection.objects.create(
                list="customers",
                by=people["manager"],
                ids=[1],
                number=1,
                words=words,
                at=timezone.now() - age,
            )
            for words, age in [("old", day), ("new", day / 2), ("used", day), ("exported", 9 * day)]
        ]
        Selection.objects.filter(words="used").update(operation=running)
        Export.objects.create(list="customers", operation=running, selection=made[3], columns=[], name="c")
    clear_selections(timestamp=0)
    with tenant(acme):
        assert set(Selection.objects.values_list("words", flat=True)) == {"new", "used", "exported"}
