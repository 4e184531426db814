"""What the page's queue shows: what waits, what runs, and what has just ended badly.

It shows what goes on for the whole team: the workers are shared, so what others asked for is why one's
own takes long; and so all who look are answered by the same few queries. What ended badly is shown to
whoever asked for it alone: nobody else can mend it.
"""
