use crate::net::rate_limit::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_network_that_has_used_its_burst_waits_and_others_do_not() {
    let rate = Rate::new(quota(3, Duration::from_secs(1)));
    for _ in 0..3 {
        assert_eq!(rate.admit(ip("198.51.100.1")), Ok(()));
    }
    assert!(rate.admit(ip("198.51.100.1")).is_err_and(|seconds| (1..=2).contains(&seconds)));
    assert_eq!(rate.admit(ip("198.51.100.2")), Ok(()));
}

#[test]
fn a_few_networks_cannot_use_up_what_all_new_clients_have() {
    let rates = Rates::default();
    let register = |network: &str| rates.admit_new_client(ClientIp(ip(network))).is_ok();
    for network in ["198.51.100.1", "203.0.113.2", "2001:db8:0:1::1"] {
        let let_in = (0..5000).filter(|_| register(network)).count();
        assert!((200..=310).contains(&let_in), "{network}: {let_in}");
    }
    assert!(!register("2001:db8:0:ff::1"), "the same customer");
    assert!((0..200).all(|_| register("2001:db8:0:100::1")), "another one connects 200 users at once");
}

#[test]
fn many_networks_of_one_provider_cannot_use_up_what_all_new_clients_have() {
    let rates = Rates::default();
    let register = |network: &str| rates.admit_new_client(ClientIp(ip(network)));
    let mut let_in = 0;
    for customer in 0..2_000 {
        let_in += usize::from(register(&format!("2001:db8:{:x}:{:x}00::1", customer / 250, customer % 250)).is_ok());
    }
    assert!((600..=700).contains(&let_in), "{let_in}");
    assert!(matches!(register("2001:db8:ffff::1"), Err(TooManyNewClients::OfProvider(1))));
    assert_eq!(register("2001:db9::1"), Ok(()));
    assert_eq!(ClientIp(ip("198.51.100.1")).provider(), ip("198.51.0.0"));
}

#[test]
fn ninety_providers_cannot_use_up_what_all_new_clients_have() {
    let rates = Rates::default();
    let register = |network: String| rates.admit_new_client(ClientIp(ip(&network)));
    let mut let_in = 0;
    for customer in 0..100 {
        for provider in 0..90 {
            let_in += usize::from(register(format!("10.{provider}.0.{customer}")).is_ok());
        }
    }
    // each provider had ten more after the limit of all was used up
    assert!((2_900..=3_100).contains(&let_in), "{let_in}");
    assert!(matches!(register("10.1.1.1".to_owned()), Err(TooManyNewClients::OfAll(_))));
    for customer in 0..10 {
        assert_eq!(register(format!("198.51.100.{customer}")), Ok(()), "{customer}");
    }
}

fn token(number: u32) -> crate::token::TokenHash {
    crate::token::TokenHash::of(&number.to_be_bytes())
}

#[test]
fn one_client_with_an_expired_token_does_not_use_up_what_its_network_has() {
    let (wrong, network) = (WrongTokens::default(), std::net::IpAddr::from([192, 0, 2, 1]));
    let mut looked_up = 0;
    for _ in 0..10_000 {
        match wrong.verdict(network, token(0)) {
            Verdict::LookUp => {
                looked_up += 1;
                wrong.note_wrong(network, token(0));
            }
            verdict => assert_eq!(verdict, Verdict::Wrong, "it is told to be invalid all the same"),
        }
    }
    assert_eq!(looked_up, wrong_tokens::MAX_REPEATS);
    assert_eq!(wrong.verdict(network, token(1)), Verdict::LookUp, "a new token of the same network");
    assert_eq!(wrong.verdict([192, 0, 2, 2].into(), token(0)), Verdict::LookUp, "the same in another network");
}

#[test]
fn during_a_flood_of_its_network_a_token_is_looked_up_that_was_valid_or_issued_here() {
    let (wrong, network) = (WrongTokens::default(), std::net::IpAddr::from([192, 0, 2, 1]));
    wrong.known.note(token(1), "ada");
    for number in 10..10 + wrong_tokens::MAX_WRONG {
        assert_eq!(wrong.verdict(network, token(number)), Verdict::LookUp);
        wrong.note_wrong(network, token(number));
    }
    // what a reload passes on
    let wrong = wrong.clone();
    assert_eq!(wrong.verdict(network, token(1)), Verdict::LookUp);
    assert_eq!(wrong.verdict(network, token(2)), Verdict::TooMany);
    wrong.known.note(token(2), "ada");
    assert_eq!(wrong.verdict(network, token(2)), Verdict::LookUp);
    wrong.note_wrong(network, token(2));
    assert_eq!(wrong.verdict(network, token(2)), Verdict::TooMany, "once it is invalid it has no place any more");
}

#[test]
fn no_more_networks_are_remembered_than_there_is_room_for() {
    let rate = Rate::new(quota(1, Duration::from_secs(1)));
    let wrong = WrongTokens::default();
    let most = u32::try_from(MAX_NETWORKS).unwrap();
    for number in 0..most + 20_000 {
        let network = std::net::Ipv4Addr::from_bits(number).into();
        assert_eq!(rate.admit(network), Ok(()), "a new one is let in");
        wrong.note_wrong(network, token(number));
    }
    rate.keys.run_pending_tasks();
    wrong.networks.run_pending_tasks();
    assert!(rate.keys.entry_count() <= MAX_NETWORKS && wrong.networks.entry_count() <= MAX_NETWORKS);
}
