"""Words that stand for one another in calls to businesses of any kind.

A line is `heads | evidence`: a question or choice that holds one of the heads is also supported by the other heads and,
a little less, by the evidence. Phrases are joined by `_`; an indented line goes on with the one above. The lines are
about trades and deeds in general; none may be written for the calls of one business.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from postcall.extraction.builtin.text import stem, words

HEAD = 0.85
"""What a synonym counts, where the word itself counts 1."""
EVIDENCE = 0.5
"""What a word counts that goes with the subject without naming it."""

_CONCEPTS = """
hotel hostel motel lodging accommodation inn | room suite night nights stay staying guest check_in check_out resort
    front_desk housekeeping towels place_to_stay house_to_stay habitación nocleg pokój hotelu
restaurant dining diner bistro eatery cafe | table eat eating food dinner lunch breakfast brunch menu cuisine meal
    chef seafood pizza sushi vegetarian place_to_eat dine restaurante mesa comida cenar restauracja stolik
flight plane airline airplane airfare jet fly | airport seat boarding depart layover nonstop direct_flight
    economy_class airways round_trip one_way pasajes vuelo avión lot samolot departing airlines return_flight
bus coach | bus_station bus_ticket transfers autobús autobus traveling travel leaving
train rail railway amtrak | train_station platform tren pociąg bilet train_ticket carriage
ride cab taxi rideshare lyft uber chauffeur | driver pick_up pickup drop_off destination shared_ride pool taxi_ride
    transport przejazd viaje
rent car_rental rental_car hire_car | rent_car car rental vehicle pick_up drop_off sedan suv compact convertible
    hatchback return_car
car auto vehicle automobile | mechanic tire tires brake brakes engine oil_change suv sedan coche samochód mileage
doctor physician clinic medical gp | appointment symptoms prescription patient hospital health specialist nurse
    dermatologist gynecologist ophthalmologist ent resolved solved fixed | all_set works_now taken_care
escalated escalation handed_over | transfer_you supervisor manager specialist
unresolved pending open | unable can't couldn't sorry later
checkup check_up medicine médico lekarz sick ill pain
dentist dental tooth dds | teeth cleaning crown filling toothache gum gums cavity braces root_canal orthodontist
    hygienist implant wisdom muela dientes dentysta ząb
therapist therapy psychologist counselor counselling psychiatrist mental | anxiety depression counseling stress
    family_counselor session sessions
salon hair haircut hairdresser barber stylist | color colour trim blow_dry highlights hairstylist unisex beauty
    peluquería fryzjer stylists
dietary diet dietary_restriction dietary_restrictions food_allergy | vegan vegetarian gluten allergic allergy halal
    kosher lactose nut nuts dairy
do_not_call opt_out unsubscribe removal | take_me off_your your_list stop_calling don't_call remove_me
not_interested uninterested | no_thanks not_interested happy_with already_use already_have don't_need
interested interest | tell_me sounds_good sign_me send_me
spa massage | facial manicure pedicure nails
movie film cinema theater theatre | screening showtime show_time imax movie_theater watch tickets película film kino
    movies trailer genre
event concert show festival game gig | tickets music sports baseball basketball football theater artist band venue
    play tour something_to_do concerts going_on happening fun
attraction sightseeing museum tour park | visit tourist things_to_do historical
real_estate property apartment house home housing flat realtor condo | bedroom bedrooms bath baths balcony elevator
    landlord lease move tenant rent viewing furnished pets square_feet apartamento mieszkanie place_to_live
    new_place
bank account banking checking savings | balance transfer money deposit withdraw transaction cuenta konto statement
    funds branch
balance | how_much_money much_have account left_in checking savings saldo
transfer send wire | money recipient funds transferencia przelew
fraud fraudulent unauthorized scam theft stolen | didn't_make not_mine someone stole suspicious charges hacked
    unauthorised steal transferred not_me missing_money identity fraude withdrawn
payment pay bill billing invoice charge | card due amount fee charged overcharged statement credit_card paid pago
    factura płatność rachunek
dispute contest challenge | charge charged overcharged wrong_amount never_bought twice double
refund reimbursement money_back | returned return credit reembolso devolución zwrot
return exchange | send_back wrong_size wrong_item refund item replace
order purchase buy | item items ordered shop product cart bought pedido zamówienie tickets
shipping delivery package parcel shipment | tracking arrive arrived deliver late courier driver address shipped
    entrega envío paczka dostawa carrier
tracking track | where_order package status arrive
status check_status progress | where_is how_far how_long much_longer update arrived yet eta tracking still_waiting
    when_will
delay late delayed | waiting hours overdue behind still_waiting hasn't_arrived
cancel cancellation terminate | stop close anymore no_longer cancelar anular anulować odwołać end call_off get_rid
change modify reschedule update edit amend switch | instead different another move cambiar zmienić push_back earlier
    later
reschedule rearrange postpone move_appointment | another_day another_time different_day different_time move later
    earlier change push_back reprogramar przełożyć
book reserve reservation booking | schedule make_reservation table tickets reservar reserva zarezerwować rezerwacja
    appointment book_it
schedule appointment arrange set_up meeting | book available slot time day date cita agendar wizyta umówić
    see_doctor see_dr come_in viewing
meeting call conference | calendar attend agenda invite schedule colleague
search find look browse lookup | looking_for recommend suggest options show list which available rating buscar
    szukam cheap compare suggestion
inquiry question information info enquiry query ask | wondering know tell how what hours open does_it do_you
    información informacja explain
price cost pricing quote rate fee estimate | how_much expensive cheap charge discount precio cuánto cena
    ile_kosztuje
discount promo promotion coupon voucher deal offer | code percent_off sale save
complaint complain dissatisfied unhappy grievance feedback | terrible awful unacceptable ridiculous manager angry
    disappointed rude worst never_again queja skarga reklamacja
technical support tech troubleshoot troubleshooting issue problem outage | not_working broken error won't_work slow
    crash restart internet doesn't_work down frozen connect reboot
internet wifi wi_fi broadband network connection router modem | slow down signal connected connect outage
phone mobile cell device handset | sim plan data screen charger
password login log_in sign_in username credentials access locked | reset forgot can't_access locked_out two_factor
    2fa authentication
account profile | update email address name details settings number
upgrade | better higher plan premium faster tier
downgrade | lower cheaper plan basic
subscription subscribe membership plan member | renew monthly cancel upgrade trial annual tier
renew renewal extend extension | expire expires expired another_year longer
warranty guarantee | cover covered repair defect replace manufacturer
repair fix service maintenance broken damaged defective defect | leak leaking technician fault faulty mechanic
    stopped_working cracked doesn't_work
emergency urgent | immediately right_now asap dangerous flood fire leak severe
plumbing plumber leak pipe | water drain toilet sink faucet boiler clogged
electrical electrician electricity power | outage wiring breaker socket lights
heating hvac boiler cooling furnace air_conditioning | heat cold thermostat ac hot_water
insurance claim policy coverage insured insurer | deductible accident premium covered adjuster seguro ubezpieczenie
    network in_network ppo hmo copay plan
accident crash collision | hit damage car police injured
claim | file accident damage reimbursement
prescription refill medication medicine pharmacy drug | pills dose dosage tablets receta recepta pharmacist
result test lab results | blood x_ray scan report
followup follow_up instructions | doctor's_instructions medication medicine take how_often how_many_times last_visit
    again previous
referral refer | specialist
loan mortgage credit lending | interest rate apply application borrow installment repayment approve
card debit credit_card | lost stolen blocked pin replace activate tarjeta karta
lost missing misplaced | find found gone can't_find where
job career employment hiring vacancy position interview | apply application resume work cv
sales buy interested purchase demo | product pricing trial quote plan
lead prospect | interested
feedback survey review | rate rating experience
hours opening open closing | close what_time until weekend horario godziny today
location address directions where | located street parking near find_you get_there
service request | bring send need towels room housekeeping extra
party celebration birthday wedding reception | venue guests host invite invitation food drinks dj
rsvp attend attending invitation | guest invited coming party host arrive
plan organize organise host | venue guests
human representative person operator agent manager supervisor | speak talk real transfer someone
escalate escalation handoff transfer | manager supervisor specialist colleague someone_else transfer_you
callback call_back | ring later phone_you return_call
voicemail answering_machine | leave_message beep tone not_available
wrong_number | misdial no_one_by
spam telemarketing robocall | unsolicited marketing list
weather forecast | rain sunny temperature
alarm | wake set
music song | play listen
school class course lesson enroll enrollment enrolment university | student teacher tuition semester register
pet vet veterinary animal dog cat | vaccine shots puppy
legal lawyer attorney law | case court lawsuit divorce contract
tax irs | return filing w2 deduction
moving relocation | movers move truck boxes
cleaning cleaner maid | house clean deep
gym fitness workout trainer | class membership
catering | food guests menu event
stock inventory availability available | in_stock out_of_stock left have_any carry
size fit | small large wrong_size bigger smaller
color colour | red blue black white
damaged defective broken | cracked torn arrived scratched doesn't_work
duplicate double twice | charged
invite invitation | friend party
visa passport immigration | embassy travel
baggage luggage bag suitcase | lost carry_on checked
security | code verify alarm camera
privacy data gdpr | delete personal information
website site online app | page load browser cart error slow click
utility meter energy gas electric water | bill reading usage supplier
move_in moving_in | lease
parking permit ticket | car spot
donation donate charity | give support
positive happy satisfied pleased delighted | thank great perfect wonderful excellent awesome love
negative unhappy angry frustrated upset annoyed dissatisfied | terrible ridiculous awful unacceptable worst horrible
    sick_of
vaccination vaccine immunization shot | flu covid booster dose
checkup check_up physical examination exam | annual routine yearly
cleaning hygiene | teeth routine limpieza higiene czyszczenie
whitening | teeth bleach
new | first_time never_been register
existing returning | again last_time already
morning | am
evening | pm tonight
"""


@cache
def _groups() -> MappingProxyType[str, tuple[tuple[frozenset[str], frozenset[str]], ...]]:
    """Each head's groups; built at the first question, not at import."""
    groups: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for line in _CONCEPTS.replace("\n    ", " ").strip().splitlines():
        left, _, right = line.partition("|")
        heads, evidence = frozenset(map(_term, left.split())), frozenset(map(_term, right.split()))
        for head in heads:
            groups.setdefault(head, []).append((heads, evidence))
    return MappingProxyType({head: tuple(found) for head, found in groups.items()})


def _term(word: str) -> str:
    return "_".join(stem(part) for part in word.split("_"))


_TRADES = frozenset(
    words(
        "hotel restaurant flight plane bus train ride cab taxi doctor dentist therapist salon movie film event concert "
        "apartment property transfer rental party table"
    )
)


@cache
def is_trade(term: str) -> bool:
    """The word names a trade or its product, so that a call without it and its company is about something else."""
    return term in {stem(word) for word in _TRADES}


COMMON = 0.7
"""What is left of the weight of evidence that is said in calls of every kind."""


@cache
def _common() -> frozenset[str]:
    return frozenset(
        map(
            stem,
            words(
                """need bring send work instead open how what tell know time day find see ask move go sorry do number
                name list show again another later earlier right_now do_you today when_will which give keep left help
                extra hour"""
            ),
        )
    )


@cache
def expansions(term: str) -> MappingProxyType[str, float]:
    """What else supports a term, and how much; the term itself is not among it."""
    weights: dict[str, float] = {}
    for heads, evidence in _groups().get(term, ()):
        for other in evidence:
            weights[other] = max(weights.get(other, 0.0), EVIDENCE * (COMMON if other in _common() else 1.0))
        for other in heads:
            weights[other] = max(weights.get(other, 0.0), HEAD)
    weights.pop(term, None)
    return MappingProxyType(weights)
