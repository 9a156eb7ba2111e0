//! Words of English that questions are made of: which say nothing, which mean the same, and which order a change. A list is a text with
//! spaces between its words.

/// Whether a word is in a list.
pub(super) fn is_in(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|one| one == word)
}

/// Words that say nothing about what is asked for. Those that ask, such as `who` and `when`, are not among them.
pub(super) const EMPTY: &str = "\
    a an the this that these those it its our my your their his her we i you they he she me us them and or of to \
    in on at as for from with by into is are was were be been am do does did has have had will would can could \
    should may please there any some all so but if then than also just really still ever yet now up out about over \
    via per each no not nobody anybody somebody somebody's which what someone everybody everyone everything one \
    ones own like called named itself exist exists currently here s t re ve ll d m";

/// Words that mean the same in business: the first stands for all of them.
pub(super) const SAME: &[&str] = &[
    "app apps application applications software tool tools saas product products program programs",
    "license licenses licence licences seat seats",
    "unused idle inactive wasted dormant unopened",
    "contract contracts agreement agreements deal deals subscription subscriptions renewal renewals",
    "vendor vendors supplier suppliers provider providers",
    "people person employee employees staff colleague colleagues coworker teammate teammates worker workers user \
     users member members folks",
    "expense expenses payment payments charge charges invoice invoices transaction transactions bill bills booking bookings",
    "workflow workflows automation automations playbook playbooks",
    "field fields attribute attributes column columns property properties",
    "choice choices option options value values",
    "leaver leavers departed offboarded",
    "delete remove erase wipe scrap discard",
    "change changes changed edit edited edits modify modified alter altered",
    "login logged signin",
    "admin admins administrator administrators",
    "alternative alternatives similar overlap overlapping redundant instead replacement replacements competitor competitors",
    "extension add-on addon",
    "file files document documents pdf attachment attachments",
    "log trail history",
    "catalog catalogue",
    "internal homegrown homemade in-house self-built built",
    "dropdown select",
    "guest guests contractor contractors external outside",
    "import load parse",
    "fail fails failed failure failures error errors wrong",
    "start trigger launch kick execute",
    "expire expires expiring end ends ending lapse lapses due",
    "spend spent paid pay",
    "role roles permission permissions rights privileges",
];

/// Verbs that order something to be made or changed.
pub(super) const WRITES: &str = "\
    add adjust allow apply approve assign attach ban block book bring change clear close confirm connect correct \
    create deactivate define disable edit enable enter execute extend fill fix flag grant hide import invite kick \
    launch link load log make map mark move new note onboard parse patch post promote publish push put raise \
    record register release rename renew replace request restart run save send set split start stop submit suspend \
    switch sync tag tie track transfer trigger turn undo untie update upgrade upload write alter archive authorize \
    cut give handle include increase insert introduce lower order pay plan postpone prolong reactivate reassign \
    reclaim reduce refresh reject retire revise schedule shift sign store unblock unhide unlink unmark";

pub(super) const DESTROYS: &str = "\
    anonymize cancel delete discard drop erase forget purge remove revoke rid scrub throw wipe destroy eliminate \
    kill strip uninstall";

/// Words with which one asks, and orders to show something.
pub(super) const ASKS: &str = "\
    are average browse can check compare count did display do does download everyone everything explain fetch find \
    get give had has have how is list look lookup open read search see show tell total view was were what when \
    where which who whom whose why any calculate determine everybody identify name print pull rank retrieve review \
    sum summarize median percentage anything";

/// Words before the verb of an order.
pub(super) const BEFORE: &str = "please i we want need would like to let us now can could you must should just help me";

/// Participles that ask, behind a question word, for what was done.
pub(super) const DONE: &str = "\
    added altered approved assigned changed closed created deleted disabled disconnected edited enabled gave \
    granted invited made modified moved removed renamed revoked set switched touched updated";

/// Words that ask for a figure over many records.
pub(super) const TOTALS: &str =
    "total totals sum average avg mean median compare versus vs percentage percent breakdown ratio per";

/// Groups of records, of which the one with the most is asked for.
pub(super) const GROUPS: &str = "departments teams countries categories vendors months";

/// Words behind which a record is named by a number.
pub(super) const NUMBERED: &str = "user contract agreement workflow file app number id import run";
