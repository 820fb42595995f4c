"""Words of questions and of names that are treated alike."""

from __future__ import annotations

from typing import Final

from postcall.extraction.builtin.text import words


def _set(text: str) -> frozenset[str]:
    return frozenset(words(text))


WHOLE: Final = _set(
    "duration texts texted texting lasted lasting abandoned contained pleased turned turning later hours length"
)
"""Words that stay as they are: their stem would be another word's."""
NEGATIONS: Final = _set(
    "not no never without nobody nothing none neither nor cannot non didnt dont doesnt wasnt werent isnt arent couldnt"
    " cant wont hasnt havent hadnt wouldnt lacking"
)
EXCEPT: Final = _set("except excluding excepting")
FAILS: Final = _set("fail failed fails failing unable couldn't refused declined")
"""Before what was to be done, they say that it was not."""
FAILED: Final = _set("failed fails failing failure failures unsuccessful")
"""Behind what was to be done, they say the same."""
SCOPE_ENDS: Final = _set("but and or who that which know known say said sure clear recorded whether if")
"""Words behind which a negation does not reach."""
LIGHT: Final = _set(
    "ask asked get gets end ended ending have take taken give given come result contain include want wanted speak"
    " spoken manage managed able go lead turn become be been seem seemed involve carry show need fully actually really"
    " ever yet clearly even count marked about being having getting"
)
"""Words that a negation reaches across; any other that matters takes it for itself."""
JOINERS: Final = _set("is was are were be as of the a an in to by for with at on being been who whose because due")
"""What may stand between a name and its value: `Aetna as insurance provider`."""

EMPTY: Final = _set(
    "caller callers call calls customer user agent client is was has had have did does do the a an of for to with in on"
    " at and or flag said says whether type"
)
"""Words of names that people leave out."""
EMPTY_IN_FLAGS: Final = _set("confirmed done made success successful successfully completed detected")
BRINGS_ABOUT: Final = _set(
    "added agreed booked created detected filed granted issued offered opened ordered passed placed raised recorded"
    " reported scheduled started succeeded suspected used"
)
"""Deeds at the end of a flag's name by which there is what they are done to, so that this alone means the flag."""
GOES_ON: Final = _set(
    "of in on at by from with for to during between before after until since that which who whose where when if as"
    " whether is are was were has have had"
)
"""Words of a definition behind what the thing is."""
SORTS: Final = _set("kind type sort class name number amount form")
"""Words of a definition behind which it says of what."""
GROUPS_BY: Final = _set("by per each every which")
"""Before a name they say that calls are grouped by it."""
PREPOSITIONS: Final = _set("with to from by for of in on at")
VAGUE: Final = _set(
    "name number time date day days level id count status reason result results state code text value with size before"
    " times sent failed offered due months plan link new waiting list other unknown none yes no one two call calls"
    " answered minute hour party service person people"
)
"""Words of names that say too little alone."""
GENERIC: Final = _set(
    "call caller calling number ask asked please took take last count time times share rate end ended start started"
    " begin began minute second hour hours day week month year part show list find search average median most least top"
    " common agent user customer people say says said speak speaking spoke mention word contain report trend compare"
    " different many percent open close every each want wanted use used know known conversation transcript total value"
    " longest long short first next previous mean give given need needed make made work often high low name date line"
    " person somebody good bad better worse best worst score old new main kind sort typical usual usually mostly"
    " favorite favourite popular wrong right question questions"
)
"""Words that questions hold whatever they are about: alone they mean nothing."""
NEVER_ALONE: Final = _set("other unknown none nothing yes no true false live a b c null n any all hours agent")
"""Values that are named only beside their name."""
UNITS: Final = _set(
    "s sec secs second seconds ms millis milliseconds min mins minute minutes h hr hrs hour hours day days kg gram"
    " grams km meters eur euro euros usd dollar dollars gbp chf cent cents pct percent"
)
"""What a number is counted in, at the end of its name: people leave it out."""
ASKING: Final = _set("what where when who which why how")
"""Words of questions that tell one sentence from another: `where is my parcel`."""
