"""What can be done to many customers at once: each action, its history, its undo; at once and by a worker."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from history.operations import operation
from lists import bulk_runs, tasks
from marketing.models import Segment, Status
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tests.customers.conftest import add_customer
from tests.lists.bulk import LIST, names, numbers, said, select, select_all, selection, status_named

NAMES = ["Alder", "Birch", "Cedar", "Dogwood"]


@pytest.fixture
def trees(acme: Tenant, people: dict[str, User]) -> list[Customer]:
    """Four customers: active, the last a lead already."""
    made = [add_customer(acme, people["manager"], name=name) for name in NAMES]
    with tenant(acme), operation("edit", by=people["manager"]):
        Customer.objects.filter(pk=made[-1].pk).update(status_id=int(status_named(acme, "Lead")))
    return made


def latest(company: Tenant) -> Operation:
    with tenant(company):
        found: Operation = Operation.objects.latest("pk")
        return found


def versions(company: Tenant, done: Operation) -> set[str]:
    """The customers that the operation wrote to the history."""
    with tenant(company):
        return set(Customer.history.filter(operation=done).values_list("name", flat=True))


def undo(client: Client, done: Operation) -> list[str]:
    client.post(f"/acme/operations/{done.pk}/undo/", {"next": LIST})
    return said(client)


class TestSettingAField:
    def test_rows_change_as_one_operation_and_those_that_have_it_are_left_alone(
        self, manager: Client, acme: Tenant, trees: list[Customer]
    ) -> None:
        address = select_all(manager, "status", "?select=1")
        answer = manager.post(address, {"status": status_named(acme, "Lead")})
        assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?select=1")
        assert said(manager) == ["Status set to Lead for 3 customers. 1 had it already."]
        assert names(acme, status__name="Lead") == set(NAMES)
        done = latest(acme)
        assert (done.kind, done.summary, done.state, done.total) == (
            "bulk_edit",
            "Status set to Lead for 3 of 4 customers",
            "done",
            4,
        )
        assert done.counts == {"changed": 3, "unchanged": 1, "gone": 0}
        assert versions(acme, done) == {"Alder", "Birch", "Cedar"}
        made = selection(acme)
        assert (made.operation_id, made.action) == (done.pk, "status")

    def test_it_is_told_on_each_customer(self, manager: Client, acme: Tenant, trees: list[Customer]) -> None:
        manager.post(select_all(manager, "status"), {"status": status_named(acme, "Lead")})
        html = manager.get(f"{LIST}{trees[0].pk}/history/").content.decode()
        done = latest(acme)
        others = f'<a href="/acme/operations/{done.pk}/">with 2 others</a>'
        assert f"Edited in bulk, {others}" in html
        assert "<del>Active</del>" in html

    @pytest.mark.parametrize(
        ("action", "answer", "then", "message"),
        [
            ("segment", {"segment": "none"}, {"segment": None}, "Segment set to None for 4 customers."),
            (
                "promotion",
                {"receive_promotional_emails": "yes"},
                {"receive_promotional_emails": True},
                "Receive promotional e-mails set to Yes for 4 customers.",
            ),
            (
                "assign",
                {"responsible_manager": "keep", "service_manager": "{agent}"},
                {"service_manager__user__email": "agent@acme.example"},
                "Service manager set to Agent for 4 customers.",
            ),
            (
                "assign",
                {"responsible_manager": "none", "service_manager": "{agent}"},
                {"service_manager__user__email": "agent@acme.example", "responsible_manager": None},
                "Responsible manager set to Nobody, service manager set to Agent for 4 customers.",
            ),
        ],
    )
    def test_each_field(
        self,
        manager: Client,
        acme: Tenant,
        people: dict[str, User],
        trees: list[Customer],
        action: str,
        answer: dict[str, str],
        then: dict[str, Any],
        message: str,
    ) -> None:
        with tenant(acme), operation("settings", by=None):
            acme.mandatory_fields = []
            acme.save()
            agent = str(Membership.objects.get(user=people["agent"]).pk)
        before = latest(acme)
        data = {name: agent if value == "{agent}" else value for name, value in answer.items()}
        manager.post(select_all(manager, action), data)
        assert said(manager) == [message]
        assert names(acme, **then) == set(NAMES)
        manager.post(select_all(manager, action), data)  # again
        assert said(manager) == ["Nothing was changed."]
        done = latest(acme)
        assert done.pk > before.pk
        assert undo(manager, done) == [
            f"Undone: {len(versions(acme, done))} customers went back to what they were."
        ]
        assert names(acme, **then) == set()

    def test_only_what_is_offered_can_be_chosen(
        self, manager: Client, acme: Tenant, globex: Tenant, trees: list[Customer]
    ) -> None:
        with tenant(acme), operation("settings", by=None):
            retired = Segment.objects.create(name="Old", position=9)
            retired.retire()
        with tenant(globex):
            theirs = Membership.objects.get(tenant=globex).pk
            their_segment = Segment.objects.first()
        assert their_segment
        for action, data in [
            ("segment", {"segment": retired.pk}),
            ("segment", {"segment": their_segment.pk}),
            ("assign", {"responsible_manager": theirs, "service_manager": "keep"}),
            ("assign", {"responsible_manager": "keep", "service_manager": "keep"}),
        ]:
            assert manager.post(select_all(manager, action), data).status_code == 422
        with tenant(acme), operation("settings", by=None):
            acme.mandatory_fields = ["segment"]
            acme.save()
        assert manager.post(select_all(manager, "segment"), {"segment": "none"}).status_code == 422
        assert names(acme, segment=None) == set()

    def test_pressed_twice_it_is_done_once(
        self, manager: Client, acme: Tenant, trees: list[Customer]
    ) -> None:
        address = select_all(manager, "status")
        manager.post(address, {"status": status_named(acme, "Lead")})
        done = latest(acme)
        for answer in (
            manager.post(address, {"status": status_named(acme, "Active")}),
            manager.get(address),
        ):
            assert (answer.status_code, answer["Location"]) == (302, f"/acme/operations/{done.pk}/")
        assert latest(acme).pk == done.pk
        assert names(acme, status__name="Active") == set()

    def test_undoing_keeps_what_somebody_edited_since(
        self, manager: Client, acme: Tenant, people: dict[str, User], trees: list[Customer]
    ) -> None:
        manager.post(select_all(manager, "status"), {"status": status_named(acme, "Lead")})
        done = latest(acme)
        with tenant(acme), operation("edit", by=people["agent"]):
            Customer.objects.filter(name="Birch").update(website="https://birch.example")
        message = undo(manager, done)[-1]
        assert message.startswith(
            "Undone: 2 customers went back to what they were. Kept as it is: Birch (edited since by Agent"
        )
        assert names(acme, status__name="Lead") == {"Birch", "Dogwood"}
        assert names(acme, status__name="Active") == {"Alder", "Cedar"}


class TestDisabling:
    def test_with_a_reason_and_back(self, manager: Client, acme: Tenant, trees: list[Customer]) -> None:
        manager.post(f"{LIST}{trees[0].pk}/disable/", {"reason": "Moved"})
        address = select_all(manager, "disable", "?state=all")
        assert numbers(manager.get(address)) == {"Will be disabled": "3", "Disabled already": "1"}
        assert manager.post(address, {"reason": " "}).status_code == 422
        said(manager)
        manager.post(address, {"reason": "Closed for the winter"})
        assert said(manager) == ["3 customers were disabled. 1 had been disabled already."]
        done = latest(acme)
        assert (done.kind, done.summary) == (
            "disable",
            "3 of 4 customers, disabled ones too; reason: Closed for the winter",
        )
        assert names(acme, disabled_reason="Closed for the winter") == set(NAMES[1:])
        profile = manager.get(f"{LIST}{trees[1].pk}/").content.decode()
        assert "Disabled by Manager</b>: Closed for the winter" in profile
        manager.post(select_all(manager, "enable", "?state=disabled"))
        assert said(manager) == ["4 customers were enabled."]
        assert names(acme, disabled_at=None, disabled_reason="") == set(NAMES)
        assert undo(manager, latest(acme)) == ["Undone: 4 customers went back to what they were."]
        assert names(acme, disabled_reason="Closed for the winter") == set(NAMES[1:])


class TestDeleting:
    @pytest.fixture
    def furnished(self, acme: Tenant, people: dict[str, User], trees: list[Customer]) -> list[Customer]:
        """Alder has two contacts and an address, Birch a contact."""
        with tenant(acme), operation("edit", by=people["agent"]):
            for customer, name in ((trees[0], "Ada"), (trees[0], "Grace"), (trees[1], "Linus")):
                Contact.objects.create(customer=customer, name=name, is_primary=name != "Grace")
            Address.objects.create(customer=trees[0], street="Elm Street 1", city="Luleå", is_billing=True)
        return trees

    def test_without_anything_connected_it_is_asked_plainly(
        self, manager: Client, acme: Tenant, trees: list[Customer]
    ) -> None:
        address = select(manager, "delete", [trees[0].pk, trees[1].pk])
        html = manager.get(address).content.decode()
        assert "Delete 2 customers?" in html
        assert 'name="typed"' not in html
        manager.post(address)
        assert said(manager) == ["2 customers were deleted."]
        assert names(acme) == {"Cedar", "Dogwood"}
        done = latest(acme)
        assert (done.kind, done.summary, versions(acme, done)) == (
            "delete",
            "2 customers",
            {"Alder", "Birch"},
        )

    @pytest.mark.parametrize("many", [bulk_runs.MANY, 0], ids=["few", "joined at once"])
    def test_what_is_connected_is_listed_and_confirmed_strongly(
        self,
        manager: Client,
        acme: Tenant,
        furnished: list[Customer],
        many: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(bulk_runs, "MANY", many)
        address = select_all(manager, "delete")
        html = manager.get(address).content.decode()
        assert "2 customers have contacts or addresses, which are deleted too: 3 contacts, 1 address." in html
        assert "Type 4 to confirm" in html
        for typed in ("", "5", "four"):
            answer = manager.post(address, {"typed": typed})
            assert answer.status_code == 422
        assert "Type the number 4." in answer.content.decode()
        assert names(acme) == set(NAMES)
        manager.post(address, {"typed": "4"})
        assert said(manager) == ["4 customers were deleted."]
        with tenant(acme):
            assert not Contact.objects.exists()
            assert not Address.objects.exists()
            done = latest(acme)
            assert Contact.history.filter(operation=done, history_type="-").count() == 3

    def test_they_come_back_with_contacts_and_addresses_and_are_found_by_them(
        self, manager: Client, acme: Tenant, furnished: list[Customer]
    ) -> None:
        manager.post(select_all(manager, "delete"), {"typed": "4"})
        assert undo(manager, latest(acme))[-1] == (
            "Undone: 4 customers, 3 contacts and 1 address were brought back."
        )
        assert names(acme) == set(NAMES)
        with tenant(acme):
            alder = Customer.objects.get(name="Alder")
            assert alder.pk == furnished[0].pk
            assert alder.contacts.count() == 2
            assert Contact.objects.get(name="Ada").is_primary
            assert {row.name for row in Customer.objects.search("lulea")} == {"Alder"}
            assert {row.name for row in Customer.objects.search("linus")} == {"Birch"}
            assert Contact.objects.filter(customer_words="").count() == 0

    def test_agents_and_viewers_may_not(self, agent: Client, viewer: Client, trees: list[Customer]) -> None:
        for client in (agent, viewer):
            data = {"action": "delete", "selected": [trees[0].pk]}
            assert client.post("/acme/lists/customers/selection/", data).status_code == 403


def test_what_was_done_to_many_is_taken_back_only_by_who_may_edit_many(
    manager: Client, agent: Client, acme: Tenant, trees: list[Customer]
) -> None:
    manager.post(select_all(manager, "status"), {"status": status_named(acme, "Lead")})
    done = latest(acme)
    address = f"/acme/operations/{done.pk}/undo/"
    assert (agent.get(address).status_code, agent.post(address).status_code) == (403, 403)
    assert address not in agent.get(f"/acme/operations/{done.pk}/").content.decode()
    assert names(acme, status__name="Lead") == set(NAMES)
    assert undo(manager, done)[-1] == "Undone: 3 customers went back to what they were."
    taken_back = latest(acme)
    assert agent.post(f"/acme/operations/{taken_back.pk}/undo/").status_code == 403


class TestInTheBackground:
    @pytest.fixture(autouse=True)
    def small_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two rows are a batch, and more take a worker."""
        monkeypatch.setattr(bulk_runs, "BATCH", 2)

    def start(self, client: Client, company: Tenant) -> Operation:
        address = select_all(client, "status")
        assert "goes on in the background" in client.get(address).content.decode()
        answer = client.post(address, {"status": status_named(company, "Lead")})
        asked = latest(company)
        assert (answer.status_code, answer["Location"]) == (302, f"/acme/operations/{asked.pk}/")
        assert (asked.state, asked.total, asked.summary) == (
            "waiting",
            4,
            "Status set to Lead for 4 customers",
        )
        return asked

    def test_a_worker_does_it_in_batches(
        self, manager: Client, acme: Tenant, people: dict[str, User], trees: list[Customer]
    ) -> None:
        asked = self.start(manager, acme)
        job = ProcrastinateJob.objects.get()
        assert job.args == {"tenant_id": acme.pk, "operation_id": asked.pk}
        add_customer(acme, people["manager"], name="Elm")
        manager.post(f"{LIST}{trees[2].pk}/delete/")
        tasks.carry_out.run(tenant_id=acme.pk, operation_id=asked.pk)
        tasks.carry_out.run(tenant_id=acme.pk, operation_id=asked.pk)  # again, which does nothing
        done = self.read(acme, asked)
        assert (done.state, done.position) == ("done", 4)
        assert done.counts == {"changed": 2, "unchanged": 1, "gone": 1}
        assert done.summary == "Status set to Lead for 2 of 4 customers"
        assert names(acme, status__name="Lead") == {"Alder", "Birch", "Dogwood"}
        assert versions(acme, done) == {"Alder", "Birch"}

    def read(self, company: Tenant, asked: Operation) -> Operation:
        with tenant(company):
            found: Operation = Operation.objects.get(pk=asked.pk)
            return found

    def test_whose_role_was_taken_away_does_nothing_more(
        self, manager: Client, acme: Tenant, people: dict[str, User], trees: list[Customer]
    ) -> None:
        asked = self.start(manager, acme)
        with tenant(acme), operation("people", by=None):
            member = Membership.objects.get(user=people["manager"])
            member.role = "agent"
            member.save()
        tasks.carry_out.run(tenant_id=acme.pk, operation_id=asked.pk)
        failed = self.read(acme, asked)
        assert (failed.state, failed.counts) == ("failed", {})
        assert failed.error == "Whoever asked for it may no longer do this. What was done until then stays."
        assert names(acme, status__name="Lead") == {"Dogwood"}

    def test_a_value_that_is_retired_meanwhile_is_refused(
        self, manager: Client, acme: Tenant, people: dict[str, User], trees: list[Customer]
    ) -> None:
        asked = self.start(manager, acme)
        with tenant(acme), operation("settings", by=None):
            Status.objects.get(name="Lead").retire()
        tasks.carry_out.run(tenant_id=acme.pk, operation_id=asked.pk)
        assert self.read(acme, asked).error.startswith("What was chosen is no longer there.")
        assert names(acme, status__name="Lead") == {"Dogwood"}

    def test_it_can_be_stopped_between_batches(
        self, manager: Client, acme: Tenant, trees: list[Customer]
    ) -> None:
        asked = self.start(manager, acme)
        with tenant(acme):
            asked.ask_to_stop()
        tasks.carry_out.run(tenant_id=acme.pk, operation_id=asked.pk)
        assert self.read(acme, asked).state == "cancelled"
        assert names(acme, status__name="Lead") == {"Dogwood"}
