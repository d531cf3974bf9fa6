"""Bounds of what is signed, shown, listed, kept and fetched."""

from __future__ import annotations

from datetime import timedelta

# -- signed bytes -----------------------------------------------------------------------------
# Characters of one compact JWS or SD-JWT (a credential, a proof).
MAX_TOKEN_CHARS = 128 * 1024
# Characters of one status list token: 2^20 entries of 4 bits, incompressible, twice base64url.
MAX_STATUS_TOKEN_CHARS = 1_600_000
# Raw bytes of an inflated status list (2^20 entries of 8 bits).
MAX_STATUS_BYTES = 1 << 20
# Bytes of one envelope (trust list, recognition list, catalogue, manifest, roots).
MAX_ENVELOPE_BYTES = 8 * 1024 * 1024
MAX_ENVELOPE_SIGNATURES = 64
# Disclosures of one SD-JWT: the number, three for each holder, one for each field.
MAX_DISCLOSURES = 1 + 3 * 32 + 64
# Characters of each: a field of 1,000 characters of four bytes, in base64url.
MAX_DISCLOSURE_CHARS = 6 * 1024
MAX_JSON_DEPTH = 16
MAX_CBOR_DEPTH = 8
# Integers on the wire stay exact in every JSON implementation.
MAX_SAFE_INTEGER = (1 << 53) - 1
# NumericDate in seconds: later than this is milliseconds or nonsense (year 5138).
MAX_NUMERIC_DATE = 99_999_999_999

# -- show codes -------------------------------------------------------------------------------
# QR version 24 at error level M holds 2,188 digits: three licences of the minimal profile.
MAX_QR_VERSION = 24
MAX_CODE_DIGITS = 2_188
# Text typed or scanned into verify(): digits with spaces or dashes for display.
MAX_SCAN_CHARS = 8_192
# Characters that a scanner may put before and after the digits, each.
MAX_SCANNER_AFFIX = 8
# Inflated bytes of a show code.
MAX_CODE_BYTES = 4_096
MAX_LICENCES_PER_CODE = 8
SHOW_CODE_LIFE = timedelta(seconds=60)
# The holder's clock against the verifier's.
SHOW_CODE_MAX_AHEAD = timedelta(seconds=90)
SHOW_CODE_MAX_LATE = timedelta(seconds=30)
MAX_CHALLENGE_CHARS = 64
# A window's own challenge: its life, how long it is remembered after that, open ones of one
# window, wrong answers that close them, and the highest number of a window.
CHALLENGE_LIFE = timedelta(seconds=120)
CHALLENGE_REMEMBERED = timedelta(minutes=10)
MAX_OPEN_CHALLENGES = 4
MAX_CHALLENGE_MISSES = 5
MAX_WINDOW = 9_999
# A used code is remembered this much longer than it could be accepted, so that a window whose
# clock runs ahead does not make the others of its hall forget, nor one that is set back.
REPLAY_MARGIN = timedelta(hours=1)

# -- mandates ---------------------------------------------------------------------------------
# From the first moment of a mandate to its end: a year, as for the 电子营业执照.
MAX_MANDATE_LIFE = timedelta(days=366)
# What a mandate is good for if nobody says until when.
MANDATE_LIFE = timedelta(days=30)
# Bytes of the signed mandate: it has to fit into a show code beside the licences.
MAX_MANDATE_BYTES = 2_048
MAX_MANDATE_MATTERS = 16
MAX_MANDATE_MATTER_CHARS = 100
MAX_AGENT_NAME_CHARS = 50
# Mandates of one licence and wallet that may stand in an issuer's status lists at a time.
MAX_STANDING_MANDATES = 256
# Mandates that one wallet keeps, given and received.
MAX_KEPT_MANDATES = 1_000

# -- receipts ---------------------------------------------------------------------------------
# One signed receipt; the case copy that holds one beside what was shown.
MAX_RECEIPT_CHARS = 256 * 1024
MAX_CASE_COPY_CHARS = 512 * 1024
# Licences of one check, in its receipt and case copy: those of one code, or of one request for a
# holder's consent, whichever are more.
MAX_PARTS_OF_CHECK = 16
# Lists that one receipt names: sixteen licences, each with its trust, status and recognition lists.
MAX_RECEIPT_LISTS = 128
# Characters of a case number (办件编号).
MAX_CASE_CHARS = 64
# Receipts that are handed out at a time.
MAX_RECEIPTS_FOUND = 1_000

# -- online codes -----------------------------------------------------------------------------
# Of an online code, and of a request for consent and what the holder agreed to.
ONLINE_CODE_LIFE = timedelta(seconds=300)
# The wallet's clock against the show service's.
ONLINE_CODE_SKEW = timedelta(seconds=90)
# Characters of each of the six words of a purpose.
MAX_PURPOSE_CHARS = 200
# Licence types that one request for consent names.
MAX_CONSENT_TYPES = 16
# Bytes of what is sent to a show service, and of what it answers.
MAX_SERVICE_BYTES = 1024 * 1024
# Codes of one holder that are open at a time.
MAX_OPEN_CODES = 8
# Wrong codes or proofs within a minute, of one verifier and of one address, before they must wait;
# and requests of any kind of one verifier.
SHOW_WINDOW = timedelta(seconds=60)
MAX_MISSES_OF_VERIFIER = 5
MAX_MISSES_OF_ADDRESS = 20
MAX_REQUESTS_OF_VERIFIER = 600
# How long a holder can read who saw what, and rows of one answer.
SHOW_LOG_LIFE = timedelta(days=366)
MAX_LOG_ROWS = 200
# Longest life of a verifier's token.
MAX_VERIFIER_DAYS = 366

# -- pictures ---------------------------------------------------------------------------------
MAX_PICTURE_BYTES = 16 * 1024 * 1024
MAX_PICTURE_PIXELS = 4096 * 4096
# Of either side: the reader of codes takes 65,535 pixels, and no camera makes half as many.
MAX_PICTURE_SIDE = 32_767
# Of what cannot be read at once: places that may be finder patterns, of how many of them threes
# are made, and of how many threes it is tried whether a code lies there.
MAX_FINDER_PLACES = 200
MAX_FINDERS = 9
MAX_FINDER_THREES = 4

# -- paper ------------------------------------------------------------------------------------
# One module of a printed code, in mm: less, and office copiers swallow it.
MIN_PRINTED_MODULE_MM = 0.5

# -- fonts ------------------------------------------------------------------------------------
# A font file; the largest with all ideographs have some 60 MiB.  And faces of a collection.
MAX_FONT_BYTES = 256 * 1024 * 1024
MAX_FONT_FACES = 64

# -- licences ---------------------------------------------------------------------------------
MAX_FIELDS = 64
MAX_FIELD_CHARS = 1_000
MAX_HOLDERS = 32
MAX_NAME_CHARS = 200
# The holder's portrait as a licence carries it: a JPEG, most bytes, most width and height.
MAX_PORTRAIT_BYTES = 40 * 1024
MAX_PORTRAIT_PIXELS = (480, 640)
# Least width and height of what an office hands in.
MIN_PORTRAIT_SIDE = 100
# Its disclosure, base64url in base64url, with salt and name.
MAX_PORTRAIT_DISCLOSURE_CHARS = 73 * 1024
# What an objection (异议) says, and what it rests on; and a name of it.
MAX_OBJECTION_CHARS = 1_000
# What a purpose copy or a printed copy is good for (加注件制作事由), and who made it.
MAX_PURPOSE_CHARS = 200

# -- tables -----------------------------------------------------------------------------------
# Bytes of a text file (CSV), which is read as a stream; and of a workbook, which is not.
MAX_TABLE_BYTES = 1 << 30
MAX_WORKBOOK_BYTES = 64 * 1024 * 1024
# All parts of a workbook, inflated (a zip bomb grows a thousandfold).
MAX_WORKBOOK_INFLATED_BYTES = 512 * 1024 * 1024
# Rows of a sheet and characters of a cell: Excel's own bounds.
MAX_TABLE_ROWS = 1_048_576
MAX_CELL_CHARS = 32_767
MAX_TABLE_COLUMNS = 256
# Cells of a sheet, blank ones among them: reading takes some 100 bytes for each.
MAX_SHEET_CELLS = 16_000_000
# Blank cells for each that is filled, in a sheet of more than a million.
MAX_BLANK_SHARE = 20
MAX_SPARSE_CELLS = 1_000_000
# Error values (#N/A) of one sheet.
MAX_ERROR_CELLS = 100_000
# Formulas of a column and hidden rows of a sheet that are remembered, so that they can be named.
MAX_NOTED_CELLS = 1_000
# Merged cells of a sheet.
MAX_MERGED_CELLS = 100_000
# The heading of a table is looked for in this many rows.
MAX_HEADER_ROWS = 20

# -- matters ----------------------------------------------------------------------------------
# Service matters of one catalogue (a city has 43,207), and bytes of the file that keeps them.
MAX_MATTERS = 200_000
MAX_MATTERS_BYTES = 256 * 1024 * 1024
MAX_MATTER_CODE_CHARS = 64
MAX_MATTER_ALIASES = 32
# What one matter needs, and what will do for each.
MAX_NEEDS = 64
MAX_CHOICES = 16
# Characters of a search.
MAX_SEARCH_CHARS = 100
# What a window asks a wallet for: entries of recognition lists, and bytes in all.
MAX_REQUEST_ENTRIES = 1_000
MAX_MATTER_REQUEST_BYTES = 1024 * 1024
# Ways of meeting a matter that are tried before the best so far is taken.
MAX_SUGGESTION_STEPS = 20_000

# -- lists ------------------------------------------------------------------------------------
# A version may rise by this much without a second person (fast-forward attack).
MAX_VERSION_JUMP = 1_000
# Share of entries that may appear or vanish without a second person.
MAX_CHANGE_SHARE = 0.20
# Lists shorter than this are exempt from the share rule: one entry of four is already 25 %.
MIN_ENTRIES_FOR_SHARE = 10
# Conditions of one entry of a recognition list, and values that one of them allows.
MAX_CONDITIONS = 16
MAX_CONDITION_VALUES = 256
# Whole years that a condition may ask for.
MAX_AGE_YEARS = 150
# Entries that one withdrawal notice names.
MAX_WITHDRAWALS = 4_096
# Findings of one lint rule that are told one by one; the rest is told as a number.
MAX_LINT_FINDINGS = 5_000
# Pairs of entries of one list that lint compares, and of those pairs, how many may meet.  What is
# left over forbids signing.
MAX_COMPARED_PAIRS = 5_000_000
MAX_MEETING_PAIRS = 500_000
# Days between the notice of a change and the change itself.
MAX_NOTICE_DAYS = 366
# Types that travel with a recognition list: a province with 1,333 types fits.
MAX_CARRIED_TYPES = 2_048
# From issue to expiry of a recognition list: ten years.
MAX_LIST_LIFE = timedelta(days=3_653)
# Entries in a recognition list's workbook: many more fit no envelope.  And rows of each of the
# sheets beside them (field maps, value tables).
MAX_LIST_ROWS = 20_000
MAX_LIST_PART_ROWS = 200_000
# Texts in one cell: matters, issuers, regions.
MAX_CELL_TEXTS = 5_000
# Faults and remarks of one workbook that are kept and told.
MAX_LIST_FAULTS = 1_000
# Unknown names of a list that are compared with the catalogue.
MAX_SUGGESTED_NAMES = 100
# Names for which an office has chosen a type.
MAX_TYPE_CHOICES = 10_000
# Clocks of two offices, for lists.
LIST_CLOCK_SKEW = timedelta(seconds=120)

# A manifest lives no longer than this.
MANIFEST_LIFE = timedelta(hours=72)
MAX_MANIFEST_DOCUMENTS = 1_000

# -- status -----------------------------------------------------------------------------------
STATUS_BITS = 4
# Slots of one list, all published from the start, so that its size says nothing.
STATUS_LIST_SIZE = 1 << 17
# A list is left for the next one when this share of its slots is taken.
STATUS_LIST_FILL = 0.5

# -- wallets ----------------------------------------------------------------------------------
MIN_PASSPHRASE_CHARS = 8
MAX_VAULT_BYTES = 64 * 1024 * 1024
# Keys of one wallet.
MAX_WALLET_KEYS = 16
# Shows that a wallet remembers; the oldest make room.  And characters of what it notes beside them:
# to whom, for what.
MAX_SHOW_RECORDS = 500
MAX_SHOW_NOTE_CHARS = 200
# The show PIN (亮证密码): its digits, and wrong tries until the passphrase is asked for.
PIN_DIGITS = 6
MAX_PIN_TRIES = 5
# A licence whose last day is this near should be refreshed.
REFRESH_NOTICE = timedelta(days=30)
# Content of one wallet in a database, and characters of what an app calls its holder.
MAX_HOSTED_WALLET_BYTES = 16 * 1024 * 1024
MAX_ACCOUNT_CHARS = 256
# A nonce for proof of possession lives this long.
NONCE_LIFE = timedelta(minutes=10)

# -- fetching ---------------------------------------------------------------------------------
# One fetch, retries and slow answers among it.
FETCH_DEADLINE = timedelta(seconds=9)  # ending the connection takes its time too: 10 in all
MAX_FETCH_BYTES = 8 * 1024 * 1024
# Names and values of an answer's headers.
MAX_FETCH_HEADER_BYTES = 16 * 1024
MAX_FETCH_ATTEMPTS = 3
# Fetches under way at a time.
MAX_FETCHES_AT_ONCE = 8
# Configured sources, and addresses of each.
MAX_SOURCES = 100
MAX_MIRRORS = 8

# -- knowledge as a file ----------------------------------------------------------------------
MAX_KNOWLEDGE_FILE_BYTES = 64 * 1024 * 1024
MAX_KNOWLEDGE_DOCUMENTS = 2_000
