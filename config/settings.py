"""One module, read from the environment; what is wrong with it is said by the system checks.

Required: SECRET_KEY, VAULT_KEYS, DATABASE_URL (role without ownership), REDIS_URL.
`python3 manage.py up` and `test` set all of them; docs/operations.md lists the rest.
"""

from pathlib import Path

from config import env
from service.cursors import Unprepared

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = env.text("SECRET_KEY")
# Fernet keys: the first encrypts, all decrypt. `manage.py rotate_secrets` moves rows to the first.
VAULT_KEYS = env.words("VAULT_KEYS")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# What other systems call us by: absolute links, webhook URLs. Never derived from a request behind a proxy.
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.contenttypes",  # rest_framework imports it
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "service",
    "journeys",
    "kpis",
    "config",  # the demo's commands
]
MIDDLEWARE = [
    "service.middleware.RequestFrame",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

DATABASE_URL = env.text("DATABASE_URL")
_LIFE = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": True}
# idle_in_transaction and statement bounds keep one write transaction under 30 s (design §3).
_BOUNDS = "-c statement_timeout=25000 -c idle_in_transaction_session_timeout=25000 -c lock_timeout=10000"
DATABASES = {
    "default": env.postgres("DATABASE_URL", DATABASE_URL)
    | _LIFE
    # The statements of hot paths (kpis.queries.sql) are planned once a connection, not at every call.
    | {
        "OPTIONS": {
            "options": _BOUNDS,
            "connect_timeout": 5,
            "prepare_threshold": 5,
            "cursor_factory": Unprepared,
        }
    },
    # Migrations and the owner's functions only: `manage.py migrate --database=owner`.
    "owner": env.postgres("OWNER_DATABASE_URL", env.text("OWNER_DATABASE_URL", DATABASE_URL))
    | {"OPTIONS": {"options": "-c lock_timeout=5000", "connect_timeout": 5}, "TEST": {"MIRROR": "default"}},
}
APP_ROLE = str(DATABASES["default"]["USER"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
REDIS_PREFIX = env.text("REDIS_PREFIX", "livingmaps:")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
LANGUAGE_CODE = "en-gb"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024 + 1024
# POST /v1/bundle/imports reads its body line by line; manage.py import_workspace knows no bound.
BUNDLE_MAX_BYTES = env.number("BUNDLE_MAX_BYTES", 256 * 1024 * 1024)
# Requests that one inbound endpoint takes: a second, and at once.
INGRESS_RATE = env.number("INGRESS_RATE", 100)
INGRESS_BURST = env.number("INGRESS_BURST", 1000)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None

# HTTP out: https to public addresses only, unless a demo or test says otherwise.
OUTBOUND_ALLOW_LOOPBACK = env.flag("OUTBOUND_ALLOW_LOOPBACK", False)
# Calls of sources to one host, by all workers together: under way at a time, and a second.
OUTBOUND_HOST_CALLS = env.number("OUTBOUND_HOST_CALLS", 8)
OUTBOUND_HOST_RATE = env.number("OUTBOUND_HOST_RATE", 50)
OUTBOUND_ALLOW_HTTP = env.flag("OUTBOUND_ALLOW_HTTP", False)
# Networks of one's own that sources may be in as well: 10.20.0.0/16, 192.168.7.5
OUTBOUND_ALLOW_NETWORKS = env.words("OUTBOUND_ALLOW_NETWORKS")
# Directories of fonts for PNG and PDF, before those that the typesetter brings; for scripts that it lacks.
RENDITION_FONTS = env.words("RENDITION_FONTS")
OUTBOUND_PORTS = [int(port) for port in env.words("OUTBOUND_PORTS", "443,8443")]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["service.auth.CredentialAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["service.auth.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["service.parsers.StrictJsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["service.renderers.JsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "service.openapi.Schema",
    "EXCEPTION_HANDLER": "service.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Living Maps",
    "DESCRIPTION": (
        "Journey maps that live: versioned documents whose touchpoints carry measured KPIs.\n\n"
        "Authenticate with `Authorization: Bearer lm_key_…`. Changes need the ETag that was read "
        "(`If-Match`; 428 without, 412 when it is no longer current). POST honours `Idempotency-Key`. Lists "
        "are pages with `next` and `previous`. Refusals are `application/problem+json`; their codes are "
        "listed under `/docs/errors`. Unknown members and parameters are refused; answers may grow new ones. "
        "Null is refused where the schema has none; inside documents and personas it reads as absence. A "
        "request's head (path, query and headers) has at most 16 KiB, else 431."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SERVERS": [{"url": "/"}],
    "TAGS": [
        {"name": name, "description": about}
        for name, about in {
            "Journey maps": "A map is a named thing with one draft and any number of versions.",
            "Drafts": "The one mutable document of a map: whole, by patch, or element by element.",
            "Versions": "Published documents: immutable, numbered, each with its digest.",
            "Personas": "The library of archetypes that drafts refer to.",
            "Templates": "Maps to start from: shipped ones, and published maps saved as such.",
            "Collections": "Maps that belong together, in an order of their own.",
            "Vocabularies": "Words for channels, stages and kinds: shipped, and as the workspace has them.",
            "Live map": "A version and what was measured: now, or what was true and known at an instant.",
            "Kpis": "What is measured, by which method and definition; their series and points.",
            "Readings": "Single observations: append-only, corrected by later ones, with two clocks.",
            "Bindings": "Which KPI is shown and judged at which element, and by which thresholds.",
            "Sources": "Where readings are pulled from on a schedule.",
            "Inbound endpoints": "Where other systems push signed messages, and the rules that read them.",
            "Events": "What happened in the workspace, in one order.",
            "Audience views": "What an audience sees of a map, and the links that open it.",
            "API keys": "Credentials with scopes; secrets are shown once.",
            "Bundles": "The whole workspace as one file, out and in again.",
            "Workspace": "The tenant. It comes from the credential, never from the path.",
            "Probes": "For load balancers and schedulers; they need no credential.",
        }.items()
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # merge patches are derived: service/openapi/patches.py
    "GENERIC_ADDITIONAL_PROPERTIES": "bool",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SORT_OPERATION_PARAMETERS": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["service.openapi.finish"],
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_ACKS_ON_FAILURE = True
CELERY_TASK_ACKS_ON_TIMEOUT = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1}
CELERY_TASK_DEFAULT_QUEUE = "maintain"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 15,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": REDIS_PREFIX,
    # Publishing tries once; kombu's own default would hold a request for 6 s when the broker is down.
    "max_retries": 0,
}
CELERY_TIMEZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    # Failures are logged by service/middleware.py under their request id; Django's line would tell the path,
    # which for hooks and pages is a secret.
    "loggers": {
        "django.request": {"level": "CRITICAL"},
        "aiohttp.access": {"level": "WARNING"},
        # Ticks come every other second and mean nothing by themselves.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}

# What a key may be allowed; views name the scope that each method needs.
SCOPES = {
    "workspace:read": "read the workspace",
    "workspace:admin": "change the workspace",
    "workspace:export": "take the whole workspace along as a bundle",
    "workspace:import": "fill an empty workspace from a bundle",
    "views:write": "define what audiences see of maps, and pin snapshots",
    "keys:admin": "make, rotate and revoke API keys and view tokens",
    "maps:read": "read maps, drafts, versions, personas and the live map",
    "maps:write": "edit maps, drafts and personas",
    "maps:publish": "publish versions",
    "maps:review": "approve and reject drafts, and say which maps need it",
    "maps:erase": "redact items in all versions, purge maps",
    "kpis:read": "read KPIs, readings, bindings, sources and endpoints",
    "kpis:write": "define KPIs, bindings, sources and endpoints",
    "readings:write": "record readings",
    "findings:read": "read findings, notices and silences",
    "findings:write": "acknowledge, snooze and close findings",
    "notices:write": "say who is told of which findings, and silence them",
    "feedback:read": "read what people said",
    "feedback:write": "record what people said, and erase it",
    "events:read": "read the event feed",
}
