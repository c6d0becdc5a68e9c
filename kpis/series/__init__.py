"""The arithmetic of KPIs: pure. No Django, no clock, no I/O; `at` is passed in; numbers are Decimal.

reading_in → intake           what somebody sent → what is recorded of it; labels tell series apart
reading → sums → value        one reading, parts that may be added, and the division that comes last
definition · kinds · check    what a KPI says, what the field agrees on, and what is refused
period · point                calendar buckets in a zone, and the figure of one of them
gaps · resample               periods of which nobody spoke; which other periods figures can be told in
thresholds → status           lines valid at an instant, and the fold that judges the last 60 points
reference · proof             the earlier figures that lines are relative to; what a sample proves
freshness · trend · rollup    the other axes
live_entry                    all of it as the JSON that one binding shows
"""
