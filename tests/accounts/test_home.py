"""Where the start page leads: by who one is, and by how many companies one belongs to."""

from collections.abc import Callable

from django.test import Client

from tenants.models import Tenant, User
from tests.people import add_member, make_user


def test_signed_out_it_leads_to_the_sign_in_page(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/accounts/login/"
    page = client.get("/accounts/login/").content.decode()
    assert "Clientele is where your company keeps its customers." in page


def test_with_one_company_it_leads_there(
    acme: Tenant, people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    assert signed_in(people["viewer"]).get("/")["Location"] == "/acme/"


def test_with_several_it_lists_them_by_name_with_the_role(
    acme: Tenant, globex: Tenant, signed_in: Callable[[User], Client]
) -> None:
    both = make_user("both@example.com")
    add_member(globex, both, "viewer")
    add_member(acme, both, "manager")
    page = signed_in(both).get("/").content.decode()
    assert (
        page.index('href="/acme/"')
        < page.index("Manager")
        < page.index('href="/globex/"')
        < page.index("Viewer")
    )


def test_a_company_of_others_is_not_listed(
    acme: Tenant, bob: User, signed_in: Callable[[User], Client]
) -> None:
    assert signed_in(bob).get("/")["Location"] == "/globex/"
    assert signed_in(bob).get("/acme/").status_code == 404


def test_without_a_company_it_says_how_to_get_into_one(
    acme: Tenant, signed_in: Callable[[User], Client]
) -> None:
    page = signed_in(make_user("new@example.com")).get("/").content.decode()
    assert "you don't belong to a company" in page.replace("&#x27;", "'")
    assert "invite this address" in page
    assert "Acme" not in page
