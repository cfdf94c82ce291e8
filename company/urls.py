from django.urls import path

from company.views import people, profile

app_name = "company"

urlpatterns = [
    path("", profile.settings, name="settings"),
    path("company/", profile.profile, name="profile"),
    path("company/link-preview/", profile.link_preview, name="link-preview"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/leave/", people.leave, name="leave"),
    path("people/<int:pk>/role/", people.role, name="role"),
    path("people/<int:pk>/remove/", people.remove_member, name="remove"),
    path("people/invitations/<int:pk>/resend/", people.resend, name="resend"),
    path("people/invitations/<int:pk>/withdraw/", people.withdraw, name="withdraw"),
]
