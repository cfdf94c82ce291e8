from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from config import tasks
from history.operations import operation
from tenants.context import NoTenant, current_tenant_id, tenant
from tenants.jobs import TenantTask, tenant_task
from tenants.models import Tenant
from tests.config.workers import Run, notes, run, wait, wait_for

__all__ = ["run"]

ran: list[tuple[int | None, bool, dict[str, int]]] = []


@tenant_task()
def remember(**ids: int) -> None:
    ran.append((current_tenant_id(), connection.in_atomic_block, ids))


@tenant_task(batched=True)
def remember_batches(**ids: int) -> None:
    ran.append((current_tenant_id(), False, ids))


@pytest.fixture(autouse=True)
def forget() -> None:
    ran.clear()


@pytest.mark.django_db
class TestEnqueueing:
    def test_a_job_carries_the_tenant_and_ids_only(self, acme: Tenant) -> None:
        with tenant(acme):
            job = remember.later(customer_id=7)
        kept = ProcrastinateJob.objects.get(pk=job)
        assert kept.task_name == "tests.config.test_jobs.remember"
        assert kept.args == {"tenant_id": acme.pk, "customer_id": 7}

    @pytest.mark.parametrize("value", ["Alfreds Futterkiste", None, True, 1.5, [1]])
    def test_anything_but_an_id_is_refused(self, acme: Tenant, value: object) -> None:
        with tenant(acme), pytest.raises(TypeError, match="arguments are ids"):
            remember.later(customer=value)  # type: ignore[arg-type]  # what the test is about
        assert not ProcrastinateJob.objects.exists()

    def test_without_a_tenant_there_is_no_job(self) -> None:
        with pytest.raises(NoTenant):
            remember.later(customer_id=7)

    def test_it_is_part_of_the_transaction_that_causes_it(self, acme: Tenant) -> None:
        with transaction.atomic(), tenant(acme):
            remember.later(customer_id=7)
            transaction.set_rollback(True)
        assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db
class TestRunning:
    def test_the_worker_enters_the_tenant_in_a_transaction(self, acme: Tenant) -> None:
        remember.run(tenant_id=acme.pk, customer_id=7)
        assert ran == [(acme.pk, True, {"customer_id": 7})]
        assert current_tenant_id() is None

    def test_a_batched_task_enters_the_tenant_by_itself(self, acme: Tenant) -> None:
        remember_batches.run(tenant_id=acme.pk, run_id=7)
        assert ran == [(None, False, {"tenant_id": acme.pk, "run_id": 7})]

    def test_what_fails_is_rolled_back(self, acme: Tenant) -> None:
        def fail() -> None:
            with operation("settings", by=None):
                acme.currency = "CHF"
                acme.save()
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            TenantTask(fail, batched=False).run(tenant_id=acme.pk)
        acme.refresh_from_db()
        assert acme.currency != "CHF"


@pytest.mark.django_db
def test_expired_sessions_are_cleared() -> None:
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))
    tasks.clear_sessions(timestamp=0)
    assert list(Session.objects.values_list("pk", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
class TestKilledWorkers:
    """With real workers, in processes of their own."""

    @pytest.fixture
    def job(self, acme: Tenant) -> int:
        from procrastinate.contrib.django import app

        task = app.configure_task("__main__.slow", allow_unknown=True)
        return int(task.defer(tenant_id=acme.pk, number=1))

    def test_a_job_whose_worker_was_killed_is_run_again_by_another(
        self, run: Run, job: int, acme: Tenant, tmp_path: Path
    ) -> None:
        first = run()
        wait_for(tmp_path, f"slow 1 of tenant {acme.pk}")
        first.kill()
        (tmp_path / "go").touch()
        run()
        wait_for(tmp_path, "done 1")
        assert notes(tmp_path).count(f"slow 1 of tenant {acme.pk}") == 2
        wait(lambda: not ProcrastinateJob.objects.filter(pk=job).exists(), tmp_path)

    def test_a_job_that_takes_its_third_worker_along_is_given_up(
        self, run: Run, job: int, acme: Tenant, tmp_path: Path
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET attempts = 2")
        first = run()
        wait_for(tmp_path, f"slow 1 of tenant {acme.pk}")
        first.kill()
        (tmp_path / "go").touch()
        run()
        wait(lambda: ProcrastinateJob.objects.get(pk=job).status == "failed", tmp_path)
        assert notes(tmp_path) == [f"slow 1 of tenant {acme.pk}"]
