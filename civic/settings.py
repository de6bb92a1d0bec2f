"""Every setting, from the environment, with defaults for an embedded installation.

Without a variable set, everything lives in one folder (CONCORDANCE_HOME): SQLite, messages, files.
DATABASE_URL and CONCORDANCE_BROKER_URL (or REDIS_URL) switch to PostgreSQL and Redis. A missing or
wrong value stops the start and names its variable.
"""

import contextlib
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things are
HOME = Path(env.str("CONCORDANCE_HOME", str(BASE_DIR / ".demo"))).resolve()
HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
SITE_URL = env.str("CONCORDANCE_URL", "http://localhost:8000").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname
if SITE_HOST is None:
    raise ImproperlyConfigured("CONCORDANCE_URL must be an address such as https://example.org")
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
IS_LOCAL = SITE_HOST in LOOPBACK | {"::1"}
IS_HTTPS = SITE_URL.startswith("https://")
DEBUG = env.bool("CONCORDANCE_DEBUG", False)
if DEBUG and not IS_LOCAL:
    raise ImproperlyConfigured("CONCORDANCE_DEBUG must be off where CONCORDANCE_URL is public")


def _secret_key() -> str:
    """The secret from the environment; a machine of one's own may keep it in a file."""
    given = env.str("CONCORDANCE_SECRET_KEY", "")
    if given:
        return given
    if not IS_LOCAL:
        raise ImproperlyConfigured("Set CONCORDANCE_SECRET_KEY: CONCORDANCE_URL is public")
    file = HOME / "secret-key"
    if not file.exists():
        part = HOME / f"secret-key.{secrets.token_hex(4)}"
        part.touch(mode=0o600)
        part.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):  # Web and worker start at once: one wins.
            file.hardlink_to(part)
        part.unlink()
    return file.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("CONCORDANCE_ALLOWED_HOSTS", [SITE_HOST, *(LOOPBACK if IS_LOCAL else ())])
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- Apps and middleware
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "rules",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "civic.audit",
    "civic.accounts",
    "civic.consultations",
    "civic.statements",
    "civic.curation",
    "civic.reactions",
    "civic.judging",
    "civic.intake",
    "civic.analysis",
    "civic.specs",
    "civic.specs.webhooks",
    "civic.api",
    "civic.pages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "civic.errors.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # a long spec is 15 times smaller on a phone's bill
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "civic.errors.RefusalMiddleware",
    "civic.consultations.counting.PageCountMiddleware",
]
ROOT_URLCONF = "civic.urls"
WSGI_APPLICATION = "civic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Rows
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
IS_EMBEDDED = not env.str("DATABASE_URL", "")
if IS_EMBEDDED:
    _database: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "concordance.sqlite3",
        "OPTIONS": {
            # A deferred transaction that turns writer fails at once; an immediate one waits.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        },
        # Threads of one test must meet at one database, so it is a file.
        "TEST": {"NAME": str(HOME / "test.sqlite3")},
    }
else:
    _database = env.dj_db_url("DATABASE_URL")
    if "postgresql" not in _database["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres://")
    # Pool and health checks: a restart of PostgreSQL then costs no request.
    _database["CONN_HEALTH_CHECKS"] = True
    _database["CONN_MAX_AGE"] = 0
    _database["OPTIONS"] = _database.get("OPTIONS", {}) | {
        "pool": {"min_size": 1, "max_size": env.int("CONCORDANCE_POOL", 10), "timeout": 10}
    }
DATABASES = {"default": _database}

# --- Messages
REDIS_URL = env.str("REDIS_URL", "")
CELERY_BROKER_URL = env.str("CONCORDANCE_BROKER_URL", "") or REDIS_URL or "safefs://local"
if CELERY_BROKER_URL.startswith("safefs"):
    _messages = HOME / "messages"
    (_messages / "control").mkdir(mode=0o700, parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_messages),
        "data_folder_out": str(_messages),
        "control_folder": str(_messages / "control"),
        "polling_interval": 0.1,
    }
elif CELERY_BROKER_URL.startswith(("redis://", "rediss://", "memory://")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 2,
    }
else:
    raise ImproperlyConfigured("CONCORDANCE_BROKER_URL must begin with redis:// or rediss://")
CELERY_TASK_DEFAULT_QUEUE = "cpu"
EMBED_QUEUE = env.str("CONCORDANCE_EMBED_QUEUE", "cpu")
CELERY_TASK_ROUTES = {
    "civic.accounts.tasks.*": {"queue": "mail"},
    "civic.specs.tasks.sign_specs": {"queue": "mail"},
    "civic.audit.tasks.*": {"queue": "mail"},  # short work: it must not wait behind an analysis
    "civic.statements.tasks.prepare_statement": {"queue": EMBED_QUEUE},
    "civic.statements.tasks.embed_shard": {"queue": EMBED_QUEUE},
    "civic.statements.tasks.translate": {"queue": env.str("CONCORDANCE_TRANSLATE_QUEUE", "cpu")},
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# --- Work: a run whose worker has been silent for this many seconds is given to another.
LEASE_SECONDS = env.int("CONCORDANCE_LEASE_SECONDS", 30)
RECONCILE_SECONDS = env.int("CONCORDANCE_RECONCILE_SECONDS", 5 if IS_EMBEDDED else 30)
SEAL_SECONDS = env.int("CONCORDANCE_SEAL_SECONDS", 15)
if not 1 <= SEAL_SECONDS <= 60:
    raise ImproperlyConfigured("CONCORDANCE_SEAL_SECONDS must be between 1 and 60")
CELERY_BEAT_SCHEDULE = {
    "reconcile": {"task": "civic.analysis.tasks.reconcile", "schedule": RECONCILE_SECONDS},
    "webhooks": {
        "task": "civic.specs.webhooks.tasks.ring",
        "schedule": RECONCILE_SECONDS,
        "options": {"expires": RECONCILE_SECONDS},
    },
    "seal": {
        "task": "civic.audit.tasks.seal",
        "schedule": SEAL_SECONDS,
        "options": {"expires": SEAL_SECONDS},  # so that they never pile up
    },
    "sign": {
        "task": "civic.specs.tasks.sign_specs",
        "schedule": SEAL_SECONDS,
        "options": {"expires": SEAL_SECONDS},
    },
    "sweep": {
        "task": "civic.pages.tasks.sweep",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat")
# Webhooks go to public addresses over https, unless a house of one's own says otherwise.
WEBHOOKS_PRIVATE = env.bool("CONCORDANCE_WEBHOOKS_PRIVATE", False)
# Many statements at once are prepared in shards of this many. A small shard is soon done again
# when its worker dies; each costs about a tenth of a second by itself.
SHARD_SIZE = env.int("CONCORDANCE_SHARD_SIZE", 1000)
if SHARD_SIZE < 1:
    raise ImproperlyConfigured("CONCORDANCE_SHARD_SIZE must be 1 or more")

# --- How long things are kept that no result needs, in days
KEEP_DELIVERIES_DAYS = env.int("CONCORDANCE_KEEP_DELIVERIES_DAYS", 90)
KEEP_SERVINGS_DAYS = env.int("CONCORDANCE_KEEP_SERVINGS_DAYS", 180)
KEEP_INVITATIONS_DAYS = env.int("CONCORDANCE_KEEP_INVITATIONS_DAYS", 90)
KEEP_RUN_LOGS_DAYS = env.int("CONCORDANCE_KEEP_RUN_LOGS_DAYS", 365)
_kept = (KEEP_DELIVERIES_DAYS, KEEP_SERVINGS_DAYS, KEEP_INVITATIONS_DAYS, KEEP_RUN_LOGS_DAYS)
if min(_kept) < 1:
    raise ImproperlyConfigured("CONCORDANCE_KEEP_*_DAYS must be 1 or more")
if max(_kept) > 36500:
    raise ImproperlyConfigured("CONCORDANCE_KEEP_*_DAYS must be at most 36500")

# --- The public log: its name, and the key that signs it
LOG_ORIGIN = env.str("CONCORDANCE_LOG_ORIGIN", f"{SITE_HOST}/log")
if not LOG_ORIGIN or any(one.isspace() or one == "+" for one in LOG_ORIGIN):
    raise ImproperlyConfigured("CONCORDANCE_LOG_ORIGIN must be one word without +")
LOG_KEY = env.str("CONCORDANCE_LOG_KEY", "")
LOG_KEY_FILE = env.str("CONCORDANCE_LOG_KEY_FILE", "")
if not IS_LOCAL and not LOG_KEY and not LOG_KEY_FILE:
    raise ImproperlyConfigured(
        "Set CONCORDANCE_LOG_KEY_FILE (or CONCORDANCE_LOG_KEY): CONCORDANCE_URL is public"
    )
MAKES_LOG_KEY = not LOG_KEY and not LOG_KEY_FILE  # a machine of one's own keeps it in its home
LOG_KEY_FILE = LOG_KEY_FILE or str(HOME / "log-key")

# --- Meaning: which model embeds, and which others embed the languages that it does not know
EMBEDDER = env.str("CONCORDANCE_EMBEDDER", "use3")
EMBED_ROUTES = env.dict("CONCORDANCE_EMBED_ROUTES", {})

# --- Translation: by a server that speaks LibreTranslate's API. Empty: no word is translated.
TRANSLATE_URL = env.str("CONCORDANCE_TRANSLATE_URL", "")
TRANSLATE_KEY = env.str("CONCORDANCE_TRANSLATE_KEY", "").strip()
TRANSLATE_ENGINE = env.str("CONCORDANCE_TRANSLATE_ENGINE", "libretranslate").strip()
TRANSLATE_INTO = env.list("CONCORDANCE_TRANSLATE_INTO", [])  # empty: all that pages speak
TRANSLATE_SECONDS = env.int("CONCORDANCE_TRANSLATE_SECONDS", 30)
if TRANSLATE_URL:
    _address = urlsplit(TRANSLATE_URL)
    if (
        _address.scheme not in ("http", "https")
        or not _address.hostname
        or _address.username is not None
        or _address.query
        or _address.fragment
    ):
        raise ImproperlyConfigured(
            "CONCORDANCE_TRANSLATE_URL must be http:// or https:// with a host and no user; a key "
            "belongs into CONCORDANCE_TRANSLATE_KEY"
        )
elif TRANSLATE_KEY:
    raise ImproperlyConfigured("CONCORDANCE_TRANSLATE_KEY needs CONCORDANCE_TRANSLATE_URL")
if not (TRANSLATE_KEY.isascii() and TRANSLATE_KEY.isprintable()):
    raise ImproperlyConfigured("CONCORDANCE_TRANSLATE_KEY must be printable ASCII")
if not 0 < len(TRANSLATE_ENGINE) <= 80:
    raise ImproperlyConfigured("CONCORDANCE_TRANSLATE_ENGINE must have 1 to 80 characters")
if not 1 <= TRANSLATE_SECONDS <= 600:
    raise ImproperlyConfigured("CONCORDANCE_TRANSLATE_SECONDS must be from 1 to 600")

# --- Files
MEDIA_ROOT = Path(env.str("CONCORDANCE_FILES", str(HOME / "files")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_LIMIT = env.int("CONCORDANCE_UPLOAD_LIMIT", 100 * 1024 * 1024)
FILE_UPLOAD_PERMISSIONS = 0o600
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-root"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- People: sign-in by e-mailed code, never by password
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "civic.accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_RATE_LIMITS = {
    "create_guest": "100/h/ip",  # a school takes part from one address
    "request_login_code": "20/m/ip,3/m/key,12/h/key",  # nobody's mailbox is filled all day
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Attempts are counted by address. Behind proxies of ours it is the one they put in X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("CONCORDANCE_PROXIES", 0)
# A code that always works, for trying the platform on one's own machine.
DEMO_CODE = env.str("CONCORDANCE_DEMO_CODE", "")
if DEMO_CODE and not IS_LOCAL:
    raise ImproperlyConfigured("Unset CONCORDANCE_DEMO_CODE: CONCORDANCE_URL is public")

# --- Limits: how often one person may act, each as NUMBER/UNIT; the unit is s, m, h or d
LIMITS = {
    "statements": env.list("CONCORDANCE_STATEMENT_LIMITS", ["120/h", "20/m"]),
    "reactions": env.list("CONCORDANCE_REACTION_LIMITS", ["2000/h", "120/m"]),
    "links": ["20/h", "5/m"],
}
for _rate in [one for rates in LIMITS.values() for one in rates]:
    if not re.fullmatch(r"[1-9][0-9]{0,8}/[smhd]", _rate, re.ASCII):
        raise ImproperlyConfigured(
            "CONCORDANCE_STATEMENT_LIMITS and CONCORDANCE_REACTION_LIMITS must be rates such as "
            f"120/h or 20/m with commas between, not “{_rate}”"
        )

# --- Mail: handed to the queue `mail`, delivered by the worker through DELIVERY_BACKEND
EMAIL_BACKEND = "civic.accounts.mail.QueuedBackend"
_mail = env.dj_email_url("CONCORDANCE_EMAIL_URL", "console://")
DELIVERY_BACKEND = _mail.pop("EMAIL_BACKEND")
if not IS_LOCAL and "console" in DELIVERY_BACKEND:
    raise ImproperlyConfigured("Set CONCORDANCE_EMAIL_URL: sign-in codes must not go to a log")
globals().update(_mail)
DEFAULT_FROM_EMAIL = env.str("CONCORDANCE_FROM", f"Concordance <concordance@{SITE_HOST}>")

# --- Sessions and headers
SESSION_ENGINE = "civic.accounts.sessions"  # Sign-in must survive Redis going away.
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "concordance",
            # What only counts goes on without it, and must not wait for it.
            "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Django keeps 300: a crowd would push out who is locked and how often each one acted.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }

# --- Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ar", "العربية"),
]
TRANSLATE_INTO = TRANSLATE_INTO or [code for code, _ in LANGUAGES]
if not set(TRANSLATE_INTO) <= {code for code, _ in LANGUAGES}:
    raise ImproperlyConfigured("CONCORDANCE_TRANSLATE_INTO must name languages that pages speak")
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "frontend" / "locale"]
FORMAT_MODULE_PATH = ["civic.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- API: requests that one network address may send in a minute without signing in; 0: any number
API_READS = env.int("CONCORDANCE_API_READS", 300)
if API_READS < 0:
    raise ImproperlyConfigured("CONCORDANCE_API_READS must be 0 or more")
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "civic.api.schema.OperationSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Concordance",
    "DESCRIPTION": "From what citizens say to a behaviour spec that an AI can be held to.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "Act": "civic.consultations.phases.Act",
        "Phase": "civic.consultations.phases.Phase",
        "Access": "civic.consultations.models.Consultation.Access",
        "ModerationMode": "civic.consultations.models.Consultation.Moderation",
        "Role": "civic.consultations.models.Membership.Role",
        "Moderation": "civic.statements.models.Statement.Moderation",
        "Answer": "civic.reactions.models.Reaction.Value",
        "JudgementValue": "civic.judging.models.Judgement.Value",
        "EitherOr": "civic.curation.models.Answer.Value",
        "DecisionKind": "civic.curation.models.Decision.Kind",
        "DecisionToMake": "civic.api.curation.KINDS",
        "SuggestionKind": "civic.curation.models.Suggestion.Kind",
        "ImportKind": "civic.intake.models.ImportJob.Kind",
        "ImportStatus": "civic.intake.models.ImportJob.Status",
        "RunStatus": "civic.analysis.models.Run.Status",
        "StepStatus": "civic.analysis.models.RunStep.Status",
        "SpecStatus": "civic.specs.models.SpecVersion.Status",
        "SentencePlace": "civic.api.statements.PLACES",
        "ClauseStatus": "civic.api.specs.STATUSES",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"tokens": {"()": "civic.errors.HidesTokens"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["tokens"]}
    },
    "root": {"handlers": ["console"], "level": env.str("CONCORDANCE_LOG", "WARNING")},
}
