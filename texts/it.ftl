# Italiano, con il «tu». Regole come in en.ftl: breve, nessuna accusa, nessun sospetto, nessuna soglia, nessun'altra
# persona, nessuna cifra tranne nelle date; e un modo per agire dove c'è. Quello che manca qui è detto in inglese.

## Motivi

-share = Confermiamo alla porta una parte di tutte le consegne.

customer-ORDER_VALUE = Il tuo ordine è di valore, perciò ci assicuriamo che arrivi nelle tue mani.
customer-UNUSUAL_SPEND = Questo ordine è più grande dei tuoi soliti, perciò ci assicuriamo che arrivi a te.
customer-ORDER_VELOCITY = Hai fatto più ordini in poco tempo, perciò ci assicuriamo che ognuno arrivi a te.
customer-SPLIT_ORDERS = I tuoi ultimi ordini insieme sono di valore, perciò ci assicuriamo che ognuno arrivi a te.
customer-SEVERAL_TECH_ITEMS = L'elettronica è molto richiesta, perciò ci assicuriamo che arrivi nelle tue mani.
customer-SMALL_HIGH_VALUE_ITEM = Nel pacco c'è qualcosa di piccolo e di valore, perciò ci assicuriamo che arrivi nelle tue mani.
customer-WEAK_PACKAGING = Chiediamo al negozio di imballare meglio questo ordine per il viaggio fino a te.
customer-ADDRESS_CHANGED = Il tuo indirizzo di consegna è nuovo, perciò ci assicuriamo che l'ordine ti arrivi lì.
customer-NEW_ADDRESS = È la nostra prima consegna a questo indirizzo, perciò ci assicuriamo che l'ordine ti arrivi lì.
customer-FORWARDER_ADDRESS = L'ordine va a un indirizzo di inoltro, perciò ci assicuriamo che sia tuo.
customer-EXPOSED_DROP = Un pacco lasciato davanti a questa porta sarebbe in vista e potrebbe sparire, perciò lo consegniamo di persona.
customer-EMAIL_CHANGED = Il tuo indirizzo e-mail è cambiato da poco, perciò ci assicuriamo che l'ordine sia tuo.
customer-PHONE_CHANGED = Il tuo numero di telefono è cambiato da poco, perciò ci assicuriamo che l'ordine sia tuo.
customer-PASSWORD_RESET = La tua password è cambiata da poco, perciò ci assicuriamo che l'ordine sia tuo.
customer-NEW_DEVICE = L'ordine è arrivato da un dispositivo nuovo per il tuo account, perciò ci assicuriamo che sia tuo.
customer-NEW_ACCOUNT = Il tuo account è nuovo: per i primi ordini ci assicuriamo che arrivino a te.
customer-BILLING_MISMATCH = L'indirizzo di fatturazione e quello di consegna sono diversi, perciò ci assicuriamo che l'ordine arrivi nelle mani giuste.
customer-PAYMENT_KIND = Con questo tipo di pagamento ci assicuriamo che l'ordine arrivi nelle tue mani.
customer-RESALE_VALUE = Quello che hai ordinato è molto ricercato, perciò ci assicuriamo che arrivi nelle tue mani.
customer-SEASON = In questo periodo dell'anno viaggiano molti pacchi, perciò facciamo particolare attenzione al tuo.
customer-PRIOR_LOSS_ADDRESS = In passato alcuni tuoi pacchi sono andati persi: a questo facciamo particolare attenzione.
customer-PRIOR_LOSS_CUSTOMER = Un tuo pacco è andato perso durante il viaggio: a questo facciamo particolare attenzione.
customer-SUBCONTRACTED_CARRIER = Un partner del corriere consegna questo ordine, perciò ci assicuriamo che arrivi nelle tue mani.
customer-FAILED_ATTEMPTS = In alcune consegne non ti abbiamo trovato a casa; puoi scegliere un altro giorno o un altro modo.
customer-RANDOM_CHECK = { -share }
customer-EARLIER_DRAW = { -share }
customer-EXPERIMENT_ARM = { -share }
customer-DOOR_CONFIRMATION = { -share }
customer-SEVERAL_PARCELS_AT_STOP = { $parcels ->
    [2] Ti arrivano due pacchi insieme: contali, e di' ogni codice solo per il pacco che hai in mano.
    [3] Ti arrivano tre pacchi insieme: contali, e di' ogni codice solo per il pacco che hai in mano.
    [4] Ti arrivano quattro pacchi insieme: contali, e di' ogni codice solo per il pacco che hai in mano.
   *[other] Ti arrivano più pacchi insieme: contali, e di' ogni codice solo per il pacco che hai in mano.
}
customer-PARCELS_UNKNOWN = Non sappiamo ancora quanti pacchi saranno: di' ogni codice solo per il pacco che hai in mano.
customer-CODE_TO_PRIOR_CONTACT = Qualcosa nel tuo account è cambiato da poco, perciò il codice va a un contatto che avevi già prima.
customer-NO_CONTACT = Non abbiamo un contatto confermato a cui inviare un codice. Conferma un numero di telefono o l'app per riceverne uno.
customer-NO_PRIOR_CONTACT = I tuoi contatti sono nuovi, perciò non possiamo ancora inviare un codice. Contattaci, o scegli un altro modo.
customer-NO_CODE_POSSIBLE = Un codice alla porta non è possibile per questo indirizzo o per questo corriere.
customer-CARRIER_NOT_READY = Il corriere non può ancora chiedere codici alla tua porta.
customer-GIFT_WITHOUT_CONTACT = Per inviare un codice a chi riceve il tuo regalo ci serve un suo contatto.
customer-LOCKER_DOES_NOT_FIT = L'ordine non può essere consegnato in un locker.
customer-SIZE_UNKNOWN = Non conosciamo le dimensioni dell'ordine, perciò non possiamo offrire un locker.
customer-NO_LOCKER_IN_REACH = Non c'è un locker adatto vicino a te.
customer-ALREADY_COLLECTED = Questo ordine lo ritiri tu.
customer-ACCESS_EXEMPT = Come hai chiesto, non ti chiediamo quello che per te non è possibile.
customer-SECURED_DROP = { $drop ->
    [PARCEL_BOX] Questo ordine può andare nella tua cassetta per pacchi.
    [GARAGE] Questo ordine può andare nel tuo garage.
    [CONCIERGE] Questo ordine può andare alla tua portineria.
   *[other] Questo ordine può andare nel tuo posto sicuro.
}
customer-BURDEN_CAP = Ultimamente ti abbiamo già chiesto abbastanza conferme: questa volta non ti chiediamo niente.
customer-REVIEWED = Una persona del nostro team ha guardato questo ordine.
customer-CHOSEN_BY_CUSTOMER = Hai scelto tu questo modo.

## Un modo per agire, dopo il primo motivo

way-CODE = È possibile anche un altro codice alla porta.
way-LOCKER = Puoi anche ritirarlo in un locker.
way-ID_CHECK = Puoi anche mostrare un documento d'identità.
way-SECURED_DROP = Puoi anche farlo lasciare nel tuo posto sicuro.
way-DELEGATE = Puoi anche indicare qualcuno che lo riceva per te.
way-VOICE_CODE = Possiamo anche dirti il codice al telefono.
way-OTHER_DAY = Puoi anche scegliere un altro giorno.

## Che cos'altro c'è

alternative-CODE = { $action ->
    [ITEM_CODES] Un codice per ogni pacco. Dillo solo alla tua porta e con il pacco in mano, mai al telefono o al citofono.
   *[other] Un codice per la consegna. Dillo solo alla tua porta e con il pacco in mano, mai al telefono o al citofono.
}
alternative-LOCKER = { $nearest ->
    [yes] Ritiralo nel locker più vicino a te.
   *[other] Ritiralo in un altro locker vicino a te.
}
alternative-ID_CHECK = Mostra un documento d'identità alla porta.
alternative-SECURED_DROP = { $drop ->
    [PARCEL_BOX] Fallo mettere nella tua cassetta per pacchi.
    [GARAGE] Fallo mettere nel tuo garage.
    [CONCIERGE] Fallo lasciare alla tua portineria.
   *[other] Fallo mettere nel tuo posto sicuro.
}
alternative-DELEGATE = Indica qualcuno che lo riceva per te; avrà un codice tutto suo.
alternative-VOICE_CODE = Ti chiamiamo e ti diciamo il codice.
alternative-OTHER_DAY = { $month ->
    [0] Scegli un altro giorno.
   *[other] Scegli un altro giorno (previsto: { date }).
}

## Che cosa accompagna la consegna

with-TAMPER_SEAL = Il tuo ordine arriva in una busta numerata che mostra se è stata aperta.
with-WEIGHT_CHECK = Il pacco viene pesato alla partenza e alla tua porta.
with-INSPECT_BEFORE_CODE = Prima guarda dentro, poi di' il codice se c'è tutto.
with-LATE_REVEAL = Nessuno ha bisogno del tuo codice prima che il pacco sia alla tua porta.
with-NO_NEIGHBOUR = Possono riceverlo solo tu o chi hai indicato.
with-RIGID_PACKAGING = Il tuo ordine è imballato in una scatola rigida e sigillata.
with-PHOTO = Il corriere fotografa il posto in cui lascia il pacco.
with-NOTIFY_PRIOR_CONTACT = Avvisiamo anche i contatti che avevi prima.

## Date

date = { $weekday ->
    [1] lunedì
    [2] martedì
    [3] mercoledì
    [4] giovedì
    [5] venerdì
    [6] sabato
   *[other] domenica
} { $day ->
    [1] 1º
   *[other] { $day }
} { $month ->
    [1] gennaio
    [2] febbraio
    [3] marzo
    [4] aprile
    [5] maggio
    [6] giugno
    [7] luglio
    [8] agosto
    [9] settembre
    [10] ottobre
    [11] novembre
   *[other] dicembre
}
