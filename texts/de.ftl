# Deutsch, in der Sie-Form. Regeln wie in en.ftl: kurz, keine Anschuldigung, kein Verdacht, keine Schwelle, niemand
# anderes, keine Ziffern außer im Datum; und ein Weg, etwas zu tun, wo es einen gibt. Was hier fehlt, steht auf Englisch.

## Gründe

-share = Bei einem Teil aller Lieferungen bestätigen wir die Übergabe an der Tür.

customer-ORDER_VALUE = Ihre Bestellung ist wertvoll, deshalb achten wir darauf, dass sie in Ihre Hände kommt.
customer-UNUSUAL_SPEND = Diese Bestellung ist größer als Ihre üblichen, deshalb achten wir darauf, dass sie bei Ihnen ankommt.
customer-ORDER_VELOCITY = Sie haben in kurzer Zeit mehrmals bestellt, deshalb achten wir darauf, dass jede Bestellung bei Ihnen ankommt.
customer-SPLIT_ORDERS = Ihre letzten Bestellungen sind zusammen wertvoll, deshalb achten wir darauf, dass jede bei Ihnen ankommt.
customer-SEVERAL_TECH_ITEMS = Elektronik ist begehrt, deshalb achten wir darauf, dass sie in Ihre Hände kommt.
customer-SMALL_HIGH_VALUE_ITEM = Im Paket ist etwas Kleines und Wertvolles, deshalb achten wir darauf, dass es in Ihre Hände kommt.
customer-WEAK_PACKAGING = Wir bitten den Shop, diese Bestellung für den Weg zu Ihnen fester zu verpacken.
customer-ADDRESS_CHANGED = Ihre Lieferadresse ist neu, deshalb achten wir darauf, dass die Bestellung dort bei Ihnen ankommt.
customer-NEW_ADDRESS = Wir liefern zum ersten Mal an diese Adresse, deshalb achten wir darauf, dass die Bestellung dort bei Ihnen ankommt.
customer-FORWARDER_ADDRESS = Die Bestellung geht an eine Weiterleitungsadresse, deshalb vergewissern wir uns, dass sie von Ihnen ist.
customer-EXPOSED_DROP = Ein Paket vor dieser Tür wäre zu sehen und könnte verschwinden, deshalb übergeben wir es persönlich.
customer-EMAIL_CHANGED = Ihre E-Mail-Adresse hat sich kürzlich geändert, deshalb vergewissern wir uns, dass die Bestellung von Ihnen ist.
customer-PHONE_CHANGED = Ihre Telefonnummer hat sich kürzlich geändert, deshalb vergewissern wir uns, dass die Bestellung von Ihnen ist.
customer-PASSWORD_RESET = Ihr Passwort hat sich kürzlich geändert, deshalb vergewissern wir uns, dass die Bestellung von Ihnen ist.
customer-NEW_DEVICE = Die Bestellung kam von einem Gerät, das für Ihr Konto neu ist, deshalb vergewissern wir uns, dass sie von Ihnen ist.
customer-NEW_ACCOUNT = Ihr Konto ist neu; bei den ersten Bestellungen achten wir darauf, dass sie bei Ihnen ankommen.
customer-BILLING_MISMATCH = Rechnungs- und Lieferadresse sind verschieden, deshalb achten wir darauf, dass die Bestellung in die richtigen Hände kommt.
customer-PAYMENT_KIND = Bei dieser Zahlungsart achten wir darauf, dass die Bestellung in Ihre Hände kommt.
customer-RESALE_VALUE = Was Sie bestellt haben, ist sehr begehrt, deshalb achten wir darauf, dass es in Ihre Hände kommt.
customer-SEASON = Zu dieser Jahreszeit sind viele Pakete unterwegs, deshalb geben wir auf Ihres besonders acht.
customer-PRIOR_LOSS_ADDRESS = Pakete an Sie sind schon verloren gegangen: Auf dieses geben wir besonders acht.
customer-PRIOR_LOSS_CUSTOMER = Ein Paket an Sie ist unterwegs verloren gegangen: Auf dieses geben wir besonders acht.
customer-SUBCONTRACTED_CARRIER = Ein Partner des Zustelldienstes bringt diese Bestellung, deshalb achten wir darauf, dass sie in Ihre Hände kommt.
customer-FAILED_ATTEMPTS = Bei manchen Lieferungen haben wir Sie nicht angetroffen; Sie können einen anderen Tag oder einen anderen Weg wählen.
customer-RANDOM_CHECK = { -share }
customer-EARLIER_DRAW = { -share }
customer-EXPERIMENT_ARM = { -share }
customer-DOOR_CONFIRMATION = { -share }
customer-SEVERAL_PARCELS_AT_STOP = { $parcels ->
    [2] Zwei Pakete kommen zusammen zu Ihnen: Zählen Sie nach, und nennen Sie jeden Code nur für das Paket in Ihrer Hand.
    [3] Drei Pakete kommen zusammen zu Ihnen: Zählen Sie nach, und nennen Sie jeden Code nur für das Paket in Ihrer Hand.
    [4] Vier Pakete kommen zusammen zu Ihnen: Zählen Sie nach, und nennen Sie jeden Code nur für das Paket in Ihrer Hand.
   *[other] Mehrere Pakete kommen zusammen zu Ihnen: Zählen Sie nach, und nennen Sie jeden Code nur für das Paket in Ihrer Hand.
}
customer-PARCELS_UNKNOWN = Wir wissen noch nicht, wie viele Pakete es werden: Nennen Sie jeden Code nur für das Paket in Ihrer Hand.
customer-CODE_TO_PRIOR_CONTACT = In Ihrem Konto hat sich kürzlich etwas geändert, deshalb geht der Code an einen Kontakt, den Sie schon vorher hatten.
customer-NO_CONTACT = Wir haben keinen bestätigten Kontakt für einen Code. Bestätigen Sie eine Telefonnummer oder die App, um einen zu erhalten.
customer-NO_PRIOR_CONTACT = Ihre Kontakte sind neu, deshalb können wir noch keinen Code senden. Bitte melden Sie sich bei uns, oder wählen Sie einen anderen Weg.
customer-NO_CODE_POSSIBLE = Ein Code an der Tür ist bei dieser Adresse oder diesem Zustelldienst nicht möglich.
customer-CARRIER_NOT_READY = Der Zustelldienst kann an Ihrer Tür noch nicht nach Codes fragen.
customer-GIFT_WITHOUT_CONTACT = Damit wir der beschenkten Person einen Code senden können, brauchen wir einen Kontakt von ihr.
customer-LOCKER_DOES_NOT_FIT = Die Bestellung kann nicht an eine Paketstation geliefert werden.
customer-SIZE_UNKNOWN = Wir kennen die Größe der Bestellung nicht, deshalb können wir keine Paketstation anbieten.
customer-NO_LOCKER_IN_REACH = In Ihrer Nähe gibt es keine passende Paketstation.
customer-ALREADY_COLLECTED = Sie holen diese Bestellung selbst ab.
customer-ACCESS_EXEMPT = Wie gewünscht verlangen wir nichts, was Ihnen nicht möglich ist.
customer-SECURED_DROP = { $drop ->
    [PARCEL_BOX] Diese Bestellung darf in Ihren Paketkasten.
    [GARAGE] Diese Bestellung darf in Ihre Garage.
    [CONCIERGE] Diese Bestellung darf bei Ihrem Concierge abgegeben werden.
   *[other] Diese Bestellung darf an Ihren sicheren Ablageort.
}
customer-BURDEN_CAP = Wir haben Sie zuletzt oft genug um Bestätigung gebeten: Diesmal brauchen wir nichts von Ihnen.
customer-REVIEWED = Jemand von uns hat sich diese Bestellung angesehen.
customer-CHOSEN_BY_CUSTOMER = Sie haben diesen Weg gewählt.

## Ein Weg, etwas zu tun, nach dem ersten Grund

way-CODE = Ein anderer Code an der Tür ist auch möglich.
way-LOCKER = Sie können die Bestellung auch an einer Paketstation abholen.
way-ID_CHECK = Sie können auch einen Ausweis vorzeigen.
way-SECURED_DROP = Sie können die Bestellung auch an Ihren eigenen sicheren Ablageort bringen lassen.
way-DELEGATE = Sie können auch jemanden benennen, der die Bestellung für Sie annimmt.
way-VOICE_CODE = Wir können Ihnen den Code auch am Telefon ansagen.
way-OTHER_DAY = Sie können auch einen anderen Tag wählen.

## Was es sonst gibt

alternative-CODE = { $action ->
    [ITEM_CODES] Ein Code für jedes Paket. Nennen Sie ihn nur an Ihrer Tür und mit dem Paket in der Hand, nie am Telefon oder an der Sprechanlage.
   *[other] Ein Code für die Lieferung. Nennen Sie ihn nur an Ihrer Tür und mit dem Paket in der Hand, nie am Telefon oder an der Sprechanlage.
}
alternative-LOCKER = { $nearest ->
    [yes] Holen Sie die Bestellung an der Paketstation ab, die Ihnen am nächsten ist.
   *[other] Holen Sie die Bestellung an einer anderen Paketstation in Ihrer Nähe ab.
}
alternative-ID_CHECK = Zeigen Sie an der Tür einen Ausweis vor.
alternative-SECURED_DROP = { $drop ->
    [PARCEL_BOX] Lassen Sie die Bestellung in Ihren Paketkasten legen.
    [GARAGE] Lassen Sie die Bestellung in Ihre Garage stellen.
    [CONCIERGE] Lassen Sie die Bestellung bei Ihrem Concierge abgeben.
   *[other] Lassen Sie die Bestellung an Ihren sicheren Ablageort legen.
}
alternative-DELEGATE = Benennen Sie jemanden, der die Bestellung für Sie annimmt; diese Person bekommt einen eigenen Code.
alternative-VOICE_CODE = Wir rufen Sie an und sagen Ihnen den Code an.
alternative-OTHER_DAY = { $month ->
    [0] Wählen Sie einen anderen Tag.
   *[other] Wählen Sie einen anderen Tag (geplant: { date }).
}

## Was zur Lieferung gehört

with-TAMPER_SEAL = Ihre Bestellung kommt in einem nummerierten Beutel, der zeigt, ob er geöffnet wurde.
with-WEIGHT_CHECK = Das Paket wird beim Packen und an Ihrer Tür gewogen.
with-INSPECT_BEFORE_CODE = Schauen Sie erst hinein, und nennen Sie den Code, wenn alles da ist.
with-LATE_REVEAL = Niemand braucht Ihren Code, bevor das Paket an Ihrer Tür ist.
with-NO_NEIGHBOUR = Annehmen können die Bestellung nur Sie oder jemand, den Sie benannt haben.
with-RIGID_PACKAGING = Ihre Bestellung wird in einem festen, verschlossenen Karton verpackt.
with-PHOTO = Wer das Paket bringt, macht ein Foto vom Ort der Ablage.
with-NOTIFY_PRIOR_CONTACT = Wir geben auch den Kontakten Bescheid, die Sie vorher hatten.

## Daten

date = { $weekday ->
    [1] Montag
    [2] Dienstag
    [3] Mittwoch
    [4] Donnerstag
    [5] Freitag
    [6] Samstag
   *[other] Sonntag
}, { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[other] Dezember
}
