"""Bounds of the services: the window's, webhooks, sharing, the hall, the holder's page."""

from __future__ import annotations

from datetime import timedelta

# -- the service ------------------------------------------------------------------------------
# A request that is no picture: a licence file with room for what JSON adds.
MAX_REQUEST_BYTES = 512 * 1024
# What was scanned as a holder's code of 32 digits, with whatever stands between them.
MAX_SCANNED_CODE_CHARS = 100
# Days for which an access token is made at the most.
MAX_TOKEN_DAYS = 1_098
# Processes of one service.
MAX_SERVICE_WORKERS = 64
# Files of certificates, and of a passphrase.
MAX_CERTIFICATE_BYTES = 64 * 1024
MAX_PASSPHRASE_FILE_BYTES = 4096
# Checks without a receipt that one process remembers, so that an objection can name them; and how
# long after a check, with or without a receipt, one may be raised.
MAX_NAMED_CHECKS = 2_000
NAMED_CHECK_LIFE = timedelta(minutes=30)
# A settled request for a holder's consent is told again for so long, to the same clerk; and how
# many of them a process keeps: the oldest make room.
SETTLEMENT_KEPT = timedelta(seconds=60)
MAX_KEPT_SETTLEMENTS = 100

# -- webhooks ---------------------------------------------------------------------------------
# Receivers of one workspace.
MAX_WEBHOOKS = 50
MAX_WEBHOOK_BYTES = 16 * 1024
# How far a delivery's time may be from the receiver's.
WEBHOOK_WINDOW = timedelta(minutes=5)
# One attempt, and for how long nobody else tries the same.
WEBHOOK_DEADLINE = timedelta(seconds=9)
WEBHOOK_LEASE = timedelta(minutes=2)
# Deliveries that one process takes at a time; they go out one after the other, within the lease.
WEBHOOK_BATCH = 10
# Hosts and networks inside that may be told; addresses of one receiver that are tried.
MAX_WEBHOOK_NETWORKS = 50
MAX_WEBHOOK_ADDRESSES = 4
WEBHOOK_FIRST_PAUSE = timedelta(seconds=5)
WEBHOOK_LAST_PAUSE = timedelta(hours=1)
# Days until a delivery is given up, at the least and at the most; and those that done ones stay.
MAX_WEBHOOK_DAYS = 30
WEBHOOK_DAYS = 3
WEBHOOK_KEPT = timedelta(days=30)
# -- the sharing interface --------------------------------------------------------------------
# Calls of one caller within a minute.
MAX_SHARE_CALLS = 600
SHARE_WINDOW = timedelta(seconds=60)
# Calls of one caller for what there is not, within an hour: nobody walks through holders.  Unless
# granted otherwise, and at the most.
SHARE_MISSES = 100
MAX_SHARE_MISSES = 10_000
SHARE_MISS_WINDOW = timedelta(hours=1)
# Calls of one caller for one type on one day, unless granted otherwise, and at the most.
SHARE_DAILY = 2_000
MAX_SHARE_DAILY = 1_000_000
# Licences of one answer, and files of one download.
MAX_SHARE_FOUND = 50
MAX_SHARE_FILES = 5
# Days that a downloaded copy is good for, unless asked otherwise, and at the most.
SHARE_COPY_DAYS = 30
MAX_SHARE_COPY_DAYS = 366
# A link for one download: its life.
SHARE_LINK_LIFE = timedelta(seconds=300)
# Members of certData, and characters of one of them.
MAX_SHARE_MEMBERS = 80
# Days for which a grant is made at the most.
MAX_GRANT_DAYS = 1_098

# -- the hall ---------------------------------------------------------------------------------
# Days for which tallies of checks and signs of life are kept, today among them.
HALL_DAYS = 90
# Tallies that one process holds while its database refuses: then the newest kinds are lost.
MAX_PENDING_TALLIES = 10_000
# A window without a sign of life for so many minutes is named; what may be asked for.
WINDOW_SILENT_MINUTES = 10
MAX_SILENT_MINUTES = 24 * 60
# Windows with workspaces of their own that report to one hall, and lists that each names.
MAX_REPORTED_LISTS = 2_000
# What the list keeper's page takes: a workbook, or a signed list.
MAX_LIST_UPLOAD_BYTES = 16 * 1024 * 1024
# A workbook is proposed as it was checked, no longer than this after the check.
MAX_CHECK_AGE = timedelta(hours=12)
# Proposals of lists that a page shows, the newest ones.
MAX_PROPOSALS_SHOWN = 200

# -- the holder's page ------------------------------------------------------------------------
# A link that signs a holder in: its life, and it is used once.
HOLDER_LINK_LIFE = timedelta(seconds=120)
# A session of a holder: without a request for so long, and in all.
HOLDER_SESSION_IDLE = timedelta(minutes=10)
HOLDER_SESSION_LIFE = timedelta(hours=8)
# Links and sessions of one holder; the oldest make room.
MAX_HOLDER_SESSIONS = 4
# Codes and tries of a PIN, together, of one holder within a minute, by one process.
HOLDER_RATE_WINDOW = timedelta(seconds=60)
MAX_HOLDER_CODES = 20
# Holders whose rate one process remembers.
MAX_HOLDERS_RATED = 10_000
# Bytes of a request of the holder's page.
MAX_HOLDER_REQUEST_BYTES = 16 * 1024
# An agent's request to be named in a mandate, as it is pasted into the page.
MAX_AGENT_REQUEST_CHARS = 4096
# Shows of the same licences this close together are one line of the page's log.
SHOW_LOG_GAP = timedelta(seconds=120)

# -- bulk work on several machines ------------------------------------------------------------
# A job whose queue shows no sign of work for so long is no longer waited for.  A shard on a slow
# token takes a quarter of an hour.
BULK_STILLNESS = timedelta(minutes=30)
