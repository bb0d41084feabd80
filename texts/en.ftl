# English. A language is one file of this form; what a language lacks is said in English.
#
# customer-*, way-*, alternative-*, with-*: short, never an accusation, never a suspicion, a limit or another person, and no digits that could be
# probed but a date's; with a way to act where there is one. A code without a line here has no customer text, on purpose.
# analyst-*: exact, with numbers and units.

## What the customer reads: reasons

-share = We confirm a share of all deliveries at the door.

customer-ORDER_VALUE = What you ordered is valuable, so we make sure that it reaches your hands.
customer-UNUSUAL_SPEND = This order is larger than your usual ones, so we make sure that it reaches you.
customer-ORDER_VELOCITY = You placed several orders in a short time, so we make sure that each reaches you.
customer-SPLIT_ORDERS = Your latest orders together are valuable, so we make sure that each reaches you.
customer-SEVERAL_TECH_ITEMS = Electronics are sought after, so we make sure that they reach your hands.
customer-SMALL_HIGH_VALUE_ITEM = Something small and valuable is inside, so we make sure that it reaches your hands.
customer-WEAK_PACKAGING = We ask the shop to pack this order more firmly for its way to you.
customer-ADDRESS_CHANGED = Your delivery address is new, so we make sure that the order reaches you there.
customer-NEW_ADDRESS = It is our first delivery to this address, so we make sure that the order reaches you there.
customer-FORWARDER_ADDRESS = The order goes to a forwarding address, so we make sure that it is you who ordered it.
customer-EXPOSED_DROP = A parcel left at this door could be seen or taken, so we hand it over in person.
customer-EMAIL_CHANGED = Your e-mail address changed lately, so we make sure that it is you who ordered.
customer-PHONE_CHANGED = Your phone number changed lately, so we make sure that it is you who ordered.
customer-PASSWORD_RESET = Your password was changed lately, so we make sure that it is you who ordered.
customer-NEW_DEVICE = The order came from a device that is new to your account, so we make sure that it is you.
customer-NEW_ACCOUNT = Your account is new; with the first orders we make sure that they reach you.
customer-BILLING_MISMATCH = Billing and delivery address differ, so we make sure that the order reaches the right hands.
customer-PAYMENT_KIND = With this kind of payment we make sure that the order reaches your hands.
customer-RESALE_VALUE = What you ordered is much sought after, so we make sure that it reaches your hands.
customer-SEASON = Many parcels are on their way at this time of year, so we take extra care of yours.
customer-PRIOR_LOSS_ADDRESS = Parcels of yours were lost before: we take extra care of this one.
customer-PRIOR_LOSS_CUSTOMER = A parcel of yours was lost on its way: we take extra care of this one.
customer-SUBCONTRACTED_CARRIER = A partner of the carrier delivers this order, so we make sure that it reaches your hands.
customer-FAILED_ATTEMPTS = Some deliveries did not find you at home; you can choose another day or another way.
customer-RANDOM_CHECK = { -share }
customer-EARLIER_DRAW = { -share }
customer-EXPERIMENT_ARM = { -share }
customer-DOOR_CONFIRMATION = { -share }
customer-SEVERAL_PARCELS_AT_STOP = { $parcels ->
    [2] Two parcels come to you together: count them, and give each code only for the parcel in your hand.
    [3] Three parcels come to you together: count them, and give each code only for the parcel in your hand.
    [4] Four parcels come to you together: count them, and give each code only for the parcel in your hand.
   *[other] Several parcels come to you together: count them, and give each code only for the parcel in your hand.
}
customer-PARCELS_UNKNOWN = We do not know yet how many parcels it will be: give each code only for the parcel in your hand.
customer-CODE_TO_PRIOR_CONTACT = Something in your account changed lately, so the code goes to a contact that you had before.
customer-NO_CONTACT = We have no confirmed contact to send a code to. Confirm a phone number or the app to receive one.
customer-NO_PRIOR_CONTACT = Your contacts are new, so we cannot send a code yet. Please get in touch with us, or choose another way.
customer-NO_CODE_POSSIBLE = A code at the door is not possible for this address or carrier.
customer-CARRIER_NOT_READY = The carrier cannot ask for codes at your door yet.
customer-GIFT_WITHOUT_CONTACT = To send the recipient of your gift a code, we need a contact of theirs.
customer-LOCKER_DOES_NOT_FIT = The order cannot go into a locker.
customer-SIZE_UNKNOWN = We do not know the size of the order, so we cannot offer a locker.
customer-NO_LOCKER_IN_REACH = There is no suitable locker near you.
customer-ALREADY_COLLECTED = You collect this order yourself.
customer-ACCESS_EXEMPT = As you asked, we do not ask for what is not possible for you.
customer-SECURED_DROP = { $drop ->
    [PARCEL_BOX] Your parcel box is accepted for this order.
    [GARAGE] Your garage is accepted for this order.
    [CONCIERGE] Your concierge is accepted for this order.
   *[other] Your secured drop is accepted for this order.
}
customer-BURDEN_CAP = We asked you often enough lately: this time we ask for nothing.
customer-REVIEWED = One of us looked at this order.
customer-CHOSEN_BY_CUSTOMER = You chose this way.

## What the customer reads: a way to act, after the first reason

way-CODE = Another code at the door is possible too.
way-LOCKER = You can also collect it from a locker.
way-ID_CHECK = You can also show an identity document.
way-SECURED_DROP = You can also have it put into your own secured drop.
way-DELEGATE = You can also name somebody to receive it for you.
way-VOICE_CODE = We can also call you with the code.
way-OTHER_DAY = You can also choose another day.

## What the customer reads: alternatives

alternative-CODE = { $action ->
    [ITEM_CODES] A code for each parcel. Say it at your door only, with the parcel in your hand, never on the phone or intercom.
   *[other] A code for the delivery. Say it at your door only, with the parcel in your hand, never on the phone or intercom.
}
alternative-LOCKER = { $nearest ->
    [yes] Collect it from the locker nearest to you.
   *[other] Collect it from another locker near you.
}
alternative-ID_CHECK = Show an identity document at the door.
alternative-SECURED_DROP = { $drop ->
    [PARCEL_BOX] Have it put into your parcel box.
    [GARAGE] Have it put into your garage.
    [CONCIERGE] Have it left with your concierge.
   *[other] Have it put into your secured drop.
}
alternative-DELEGATE = Name somebody to receive it for you; they get a code of their own.
alternative-VOICE_CODE = We call you and read the code to you.
alternative-OTHER_DAY = { $month ->
    [0] Choose another day.
   *[other] Choose another day (planned: { date }).
}

## What the customer reads: what goes with the delivery

with-TAMPER_SEAL = Your order comes in a numbered bag that shows whether it was opened.
with-WEIGHT_CHECK = The parcel is weighed when it is packed and at your door.
with-INSPECT_BEFORE_CODE = Look inside first, and give the code when everything is there.
with-LATE_REVEAL = Nobody needs your code before the parcel is at your door.
with-NO_NEIGHBOUR = Only you, or somebody you named, can receive it.
with-RIGID_PACKAGING = Your order is packed in a rigid, sealed box.
with-PHOTO = The courier takes a photo of the place where the parcel is left.
with-NOTIFY_PRIOR_CONTACT = We also tell the contacts that you had before.

## Dates

date = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[other] Sunday
} { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[other] December
}

## What the analyst reads: reasons

analyst-ORDER_VALUE = Dear contents: { $signal } = { $value }{ $weight }.
analyst-UNUSUAL_SPEND = Far above the customer's usual orders: { $signal } = { $value }{ $weight }.
analyst-ORDER_VELOCITY = Many orders in a short time: { $signal } = { $value }{ $weight }.
analyst-SPLIT_ORDERS = Several orders that make a large one: { $signal } = { $value }{ $weight }.
analyst-PROBING = Many carts shown and not placed: { $signal } = { $value }{ $weight }.
analyst-SEVERAL_TECH_ITEMS = Several tech items: { $signal } = { $value }{ $weight }.
analyst-SMALL_HIGH_VALUE_ITEM = Small and dear: { $signal } = { $value }{ $weight }.
analyst-WEAK_PACKAGING = Packaging too weak for what is inside: { $signal } = { $value }{ $weight }.
analyst-ADDRESS_CHANGED = New or changed delivery address: { $signal } = { $value }{ $weight }.
analyst-NEW_ADDRESS = Nothing was delivered there before: { $signal } = { $value }{ $weight }.
analyst-FORWARDER_ADDRESS = A freight forwarder's address: { $signal } = { $value }{ $weight }.
analyst-EXPOSED_DROP = A parcel at the door is exposed: { $signal } = { $value }{ $weight }.
analyst-EMAIL_CHANGED = New or changed e-mail: { $signal } = { $value }{ $weight }.
analyst-PHONE_CHANGED = New or changed phone number: { $signal } = { $value }{ $weight }.
analyst-PASSWORD_RESET = The password was reset: { $signal } = { $value }{ $weight }.
analyst-NEW_DEVICE = A device never seen on the account: { $signal } = { $value }{ $weight }.
analyst-NEW_ACCOUNT = The account's age: { $signal } = { $value }{ $weight }.
analyst-BILLING_MISMATCH = Billing and delivery address differ: { $signal } = { $value }{ $weight }.
analyst-PAYMENT_KIND = The kind of payment: { $signal } = { $value }{ $weight }.
analyst-RESALE_VALUE = Easily resold: { $signal } = { $value }{ $weight }.
analyst-SEASON = The season: { $signal } = { $value }{ $weight }.
analyst-PRIOR_LOSS_ADDRESS = Parcels were lost at this address: { $signal } = { $value }{ $weight }.
analyst-PRIOR_LOSS_CUSTOMER = The customer lost parcels by others' fault: { $signal } = { $value }{ $weight }.
analyst-CLAIM_HISTORY = The customer's claims: { $signal } = { $value }{ $weight }.
analyst-LINKED_ACCOUNTS = Accounts that share a device or payment key: { $signal } = { $value }{ $weight }.
analyst-ROUTE_LOSSES = Losses on the route: { $signal } = { $value }{ $weight }.
analyst-DEPOT_LOSSES = Losses in the depot: { $signal } = { $value }{ $weight }.
analyst-SUBCONTRACTED_CARRIER = A subcontractor drives the last mile: { $signal } = { $value }{ $weight }.
analyst-FAILED_ATTEMPTS = Attended attempts often fail: { $signal } = { $value }, { $base } where nothing is known; it prices the failed attempts.
analyst-SUSPICION = A concrete suspicion is active: { $signal } = { $value }{ $weight }.
analyst-SIGNAL_MISSING = { $signal } is missing, and that alone weighs{ $weight }.
analyst-MODEL_RISK = Risk { $risk } without verification makes { $own } the cheapest: { $own_cost } against { $none_cost } for NONE. The largest contributions follow.
analyst-RANDOM_CHECK = A random check took { $action } where the policy says { $own }: probability { $propensity }.
analyst-EARLIER_DRAW = An earlier cart of the same slot binds the draw: { $action } where the policy says { $own }, probability { $propensity }.
analyst-IMPORTED = Imported: { $action } is what the shop asked before doorstep, with probability { $propensity }. This policy would have said { $own }; the reasons that follow are its own.
analyst-EXPERIMENT_ARM = An experiment's arm is in force.
analyst-DOOR_CONFIRMATION = What customers read of chance and arms.
analyst-SEVERAL_PARCELS_AT_STOP = { $parcels ->
    [0] Several parcels are due at the stop, so one code would tell which to steal: OTP is not possible.
   *[other] { $parcels } parcels are due at the stop, so one code would tell which to steal: OTP is not possible.
}
analyst-PARCELS_UNKNOWN = The number of parcels is unknown: OTP is not possible, and two parcels are priced.
analyst-CODE_TO_PRIOR_CONTACT = The code goes to { $contact }: verified and the customer's before the account changed.
analyst-NO_CONTACT = No verified contact: no code is possible.
analyst-NO_PRIOR_CONTACT = No contact was verified and the customer's before the account changed: no code is possible.
analyst-NO_CODE_POSSIBLE = The carrier or the type of address takes no such code.
analyst-CARRIER_NOT_READY = Carrier or depot is not ready for codes.
analyst-GIFT_WITHOUT_CONTACT = A gift whose recipient has no contact: no code is possible.
analyst-LOCKER_DOES_NOT_FIT = The order does not fit into a locker, or may not go there.
analyst-SIZE_UNKNOWN = The size of something is unknown, so no locker is known to fit.
analyst-NO_LOCKER_IN_REACH = No locker in reach that the customer can use.
analyst-ALREADY_COLLECTED = The address is a locker or pick-up point already.
analyst-ACCESS_EXEMPT = The customer said that this is not possible for them; it enters no score.
analyst-SECURED_DROP = The customer's { $drop } is offered: porch theft dominates, and a secured drop answers that.
analyst-BURDEN_CAP = The customer was asked for { $asked } of { $orders } orders in 90 days, and nothing concrete asks for more.
analyst-REVIEW_BUDGET = A person should look, but { $reviews } orders of today are reviewed already: the policy's review_default is the floor.
analyst-SPARE_BUDGET = Nothing is spared by chance until Thursday: sparing is expected to have lost { $spared } this week, which is its budget.
analyst-REVIEWED = A person decided.
analyst-CHOSEN_BY_CUSTOMER = The customer chose.
analyst-RULE = Rule { $rule } held.

weight = ; { $hazard } { $log_odds } log-odds (odds × { $times }), worth { $cost }

## What the analyst reads: what would have been

near-miss = Rule { $rule } would hold but for one condition: { $condition } (here { $here }).
counterfactual = { $signal } at { $to } instead of { $from }: { $action } instead of { $own }.
counterfactual-missing = { $signal } at { $to } instead of missing: { $action } instead of { $own }.

## What goes with an action

obligation-TAMPER_SEAL = Pack in a numbered bag that shows tampering.
obligation-WEIGHT_CHECK = Weigh at packing and at the door.
obligation-INSPECT_BEFORE_CODE = Let the customer look inside before the code is given.
obligation-LATE_REVEAL = Ask for the code at the door, not before.
obligation-NO_NEIGHBOUR = Do not leave with a neighbour who was not named.
obligation-RIGID_PACKAGING = Pack in a rigid, sealed box.
obligation-PHOTO = Take a photo at the drop.
obligation-NOTIFY_PRIOR_CONTACT = Tell the contacts from before the change.
