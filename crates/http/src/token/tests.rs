use crate::token::*;

const PREFIX: TokenPrefix = TokenPrefix("petsmcp");

#[test]
fn a_token_is_recognised_by_its_prefix_and_form() {
    let token = PlainToken::new(PREFIX, TokenKind::Access, Random::system()).unwrap();
    assert!(token.expose().starts_with("petsmcp_at_"));
    assert_eq!(PlainToken::parse(PREFIX, TokenKind::Access, token.expose()), Some(token.clone()));
    let text = token.expose();
    for wrong in
        ["", "petsmcp_at_", &text[..text.len() - 1], &format!("{text}A"), &text.replace("_at_", "_rt_"), &format!("{text} ")]
    {
        assert_eq!(PlainToken::parse(PREFIX, TokenKind::Access, wrong), None, "{wrong:?}");
    }
    assert_eq!(PlainToken::parse(PREFIX, TokenKind::Refresh, text), None);
}

#[test]
fn no_token_is_printed() {
    let token = PlainToken::new(PREFIX, TokenKind::Session, Random::system()).unwrap();
    let shown = format!("{token:?} {:?}", token.hash());
    assert!(!shown.contains(&token.expose()[20..]), "{shown}");
}

#[test]
fn no_two_tokens_are_alike() {
    let tokens: std::collections::HashSet<String> =
        (0..100).map(|_| PlainToken::new(PREFIX, TokenKind::Code, Random::system()).unwrap().expose().to_owned()).collect();
    assert_eq!(tokens.len(), 100);
}
