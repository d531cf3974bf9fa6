"""Every bound in one place.  Each is tested at the limit and at limit + 1.

Units are in the names or on the line above.  All are used from here, whichever file they are in.
"""

from ecert.limits.formats import *  # noqa: F403
from ecert.limits.services import *  # noqa: F403
