"""All settings, from the environment. `.env.example` has a sentence on each variable."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent

# Without DATABASE_URL the product brings its own Postgres, for trying it out and for development.
DATABASE_URL = env.text("DATABASE_URL")
EMBEDDED = not DATABASE_URL
DATA_DIR = Path(env.text("CLIENTELE_DATA", str(BASE_DIR / ".data"))).resolve()

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY and EMBEDDED:
    SECRET_KEY = env.kept_secret(DATA_DIR / "secret_key")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. Give it 50 or more random characters.")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if EMBEDDED else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# Where links in mails lead that no request has asked for.
PUBLIC_URL = env.text("PUBLIC_URL") or f"https://{(ALLOWED_HOSTS or ['localhost'])[0]}"

INSTALLED_APPS = [
    "config",
    "imports",
    "contacts",
    "customers",
    "marketing",
    "company",
    "lists",
    "history",
    "tenants",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "import_export",
    "lucide",
    "procrastinate.contrib.django",
    "simple_history",
    "template_partials.apps.SimpleAppConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads at random, so that a page's length tells nothing of its token
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tenants.middleware.TenantMiddleware",  # last: everything inside it runs in the tenant's transaction
]

ROOT_URLCONF = "config.urls_public"
TENANT_URLCONF = "config.urls_tenant"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": [
                "tenants.templatetags.ui",
                "django.templatetags.static",
                "django.contrib.humanize.templatetags.humanize",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.context_processors.frame",
                "lists.context_processors.saved_views",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]
FORM_RENDERER = "tenants.forms.FormRenderer"
DJANGO_TABLES2_TEMPLATE = "lists/table.html"

# Database: the web and worker processes connect as a role that row-level security holds.
_database = (
    {"NAME": "clientele", "USER": "clientele_app", "START": "config.embedded.start", "OPTIONS": {}}
    if EMBEDDED
    else env.database(DATABASE_URL, "DATABASE_URL")
)
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "tenants.database",
        "CONN_MAX_AGE": env.number("CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }
}
# Migrations run as the role that owns the schema.
DATABASE_OWNER_URL = env.text("DATABASE_OWNER_URL")
DATABASE_OWNER: dict[str, Any] = (
    env.database(DATABASE_OWNER_URL, "DATABASE_OWNER_URL")
    if DATABASE_OWNER_URL
    else {"USER": "clientele_owner", "PASSWORD": ""}
    if EMBEDDED
    else {}  # nothing can be migrated from here
)
EMBEDDED_POSTGRES: dict[str, Any] = {"data": DATA_DIR / "postgres", "options": {}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People sign in once and may belong to several tenants.
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "tenants.auth.MembershipBackend",
    "company.accounts.EmailBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "company.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "company.account_forms.SignInForm",
    "reauthenticate": "company.account_forms.ReauthenticateForm",
    "change_password": "company.account_forms.ChangePasswordForm",
    "reset_password": "company.account_forms.ResetPasswordForm",
    "reset_password_from_key": "company.account_forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses are proven by the invitation's link
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Clientele: "
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
PASSWORD_RESET_TIMEOUT = 24 * 3600
# Wrong passwords and codes: ten a minute from one network address, five in five minutes for one person.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "company.accounts.MFAAdapter"
MFA_FORMS = {
    "authenticate": "company.account_forms.CodeForm",
    "reauthenticate": "company.account_forms.ReauthenticateCodeForm",
    "activate_totp": "company.account_forms.ActivateTOTPForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Clientele"
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off

# Counters of failed sign-ins are shared by all processes, so the cache is in the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        # Past this many Django throws counters away, so that trying many addresses would free all of them.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # How many rows match, and the like: each process keeps its own, and asks the database whether they still hold.
    "answers": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "answers",
        "TIMEOUT": 15 * 60,
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    },
}
# The queue forgets what went well; what people see of a job is kept with its operation.
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# HTTPS only, except for an embedded installation on this machine.
HTTPS_ONLY = env.flag("HTTPS_ONLY", not EMBEDDED)
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Who signs in from where: behind proxies that is what the outermost of them wrote in X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 1 if env.flag("BEHIND_PROXY", False) else 0)
if env.flag("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.HashedStaticFiles"},
}
# Without a `collectstatic`, an embedded installation serves the files as they lie in the source.
WHITENOISE_USE_FINDERS = EMBEDDED
if EMBEDDED:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = DATA_DIR / "files"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False  # templates also write ids: what people count is grouped where it is shown

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Clientele <no-reply@localhost>")

# Uploads: what a person may send in one request.
IMPORT_MAX_BYTES = env.number("IMPORT_MAX_BYTES", 300 * 1024 * 1024)
IMPORT_MAX_ROWS = env.number("IMPORT_MAX_ROWS", 1_048_576)
IMPORT_DAYS = env.number("IMPORT_DAYS", 30)  # for so long an uploaded file is kept
# Where timed imports may take files from: the companies' folders by slug, and hosts (imports/fetching.py).
IMPORT_FOLDERS = env.pairs("IMPORT_FOLDERS", env.words("IMPORT_FOLDERS"))
IMPORT_HOSTS = env.words("IMPORT_HOSTS")
IMPORT_INTERNAL_HOSTS = env.words("IMPORT_INTERNAL_HOSTS")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the edit page takes 200 contacts and 200 addresses of 22 fields
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
EXPORT_AT_ONCE_ROWS = env.number("EXPORT_AT_ONCE_ROWS", 5_000)  # more are written by a worker
EXPORT_DAYS = env.number("EXPORT_DAYS", 7)  # for so long its file is kept

SIMPLE_HISTORY_DATE_INDEX = "composite"
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

UNDO_DAYS = 30  # for so long an operation can be undone

# What each app adds to the customer, in the order shown. Dotted paths of small declarations.
CUSTOMER_TABS = [
    "customers.tabs.HOME",
    "contacts.tabs.CONTACTS",
    "customers.tabs.MARKETING",
    "customers.tabs.HISTORY",
]
# Cards beside the key facts on the customer's home, above its managers.
CUSTOMER_CARDS = ["contacts.cards.addresses", "contacts.cards.contacts"]
# Parts of the page that edits a customer, below the customer's own fields.
CUSTOMER_SECTIONS = ["contacts.sections.contacts", "contacts.sections.addresses"]
# Whose history the customer's timeline tells, and the pages of operations; the customer itself is first.
CUSTOMER_HISTORY = [
    "customers.profile.FOLLOWED",
    "contacts.history.CONTACTS",
    "contacts.history.ADDRESSES",
]
# What is deleted along with a customer, in numbers.
CUSTOMER_IMPACTS = ["contacts.impacts.contacts", "contacts.impacts.addresses"]
# What else a customer was found by, besides its own fields: asked by the jump box, in this order.
CUSTOMER_MATCHES = ["contacts.matches.contacts", "contacts.matches.addresses"]
CUSTOMER_COLUMNS = [
    "customers.columns.CUSTOMER",
    "contacts.columns.PRIMARY_CONTACT",
    "contacts.columns.BILLING_ADDRESS",
    "contacts.columns.COUNTS",
    "customers.columns.MARKETING",
    "customers.columns.DATES",
]
# The lists of rows, each with its columns, filters and what people choose for it.
LISTS = ["customers.list.CUSTOMERS", "contacts.list.CONTACTS"]
# Called at the end of every operation that changed rows: brings up to date what others carry of it.
OPERATION_SETTLERS = ["history.standing.settle", "lists.saved.open_again", "contacts.search.settle"]
# What a new company starts with; called inside the tenant and its first operation.
TENANT_STARTERS = ["marketing.starters.fill_lists"]
# What a member may be responsible for; offered to somebody else when the member is removed.
MEMBER_HOLDINGS = [
    "customers.holdings.RESPONSIBLE",
    "customers.holdings.SERVICE",
    "imports.holdings.TIMED",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": "structlog.processors.JSONRenderer",
            "foreign_pre_chain": ["structlog.stdlib.add_log_level"],
        },
        "plain": {"format": "%(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain"},
    },
    # What somebody did wrong is said on the page. Only what is our fault is logged, with its traceback.
    "loggers": {"django.request": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
}
