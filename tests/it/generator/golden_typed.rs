//! The golden typed client of `typed-responses`, compiled and called: how lenient the types of responses are.

use mcp_http::caller::{Caller, Keys};
use openapi_mcp::{
    tool_error::ErrorKind,
    typed::{Connection, Number, Typed},
};
use serde_json::{Map, Value, json};

use super::compiled::{FixedApi, compiled};

compiled!("typed-responses");

mod typed {
    #![allow(
        clippy::all,
        clippy::pedantic,
        clippy::restriction,
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "nobody wrote it"
    )]

    include!("../../corpus/typed-responses/typed.rs");
}

use typed::{Client, CreateItemOptions, Item, ItemPage, ListItemsOptions, State};

fn shop(api: &FixedApi) -> Client {
    Connection::new(catalog(), upstream(&api.base), Caller::new(Keys::default())).into()
}

fn read<T: Typed>(json: &Value) -> T {
    T::read(&json.to_string()).value.expect("an object is read, whatever it contains")
}

fn other<'a>(members: impl IntoIterator<Item = (&'a String, &'a openapi_mcp::typed::Json)>) -> Vec<(&'a str, &'a str)> {
    members.into_iter().map(|(name, json)| (name.as_str(), json.as_str())).collect()
}

#[tokio::test]
async fn a_page_is_read_as_the_document_describes_it() {
    let page = br#"{"items": [{"id": 7, "name": "Lamp", "state": "for-sale", "price": 10.50, "isSold": false, "type": "light",
        "signs": "+", "tags": ["a", "b"], "owner": {"email": "a@b.c", "taxNumber": "5"}}],
        "total": 1, "facets": {"tags": [{"value": "a", "count": 1}]}}"#;
    let mut api = FixedApi::start("application/json", page).await;
    let mut options = ListItemsOptions { size: Some(5), max_price: Some(Number::from(20)), ..Default::default() };
    // names that the generated functions use for something else
    (options.arguments, options.sent) = (Some(vec![7]), Some("a b".to_owned()));
    let page = shop(&api).list_items("no".to_owned(), options).await.expect("the call succeeds");
    assert_eq!(api.seen().expect("it was called").line, "GET /items?arguments=7&max-price=20&required=no&sent=a+b&size=5");

    assert!(page.other.is_empty());
    assert_eq!(page.total.and_then(|total| total.to::<u32>()), Some(1));
    let facets = page.facets.expect("they are read");
    assert_eq!(facets["tags"][0].count.as_ref().and_then(Number::to::<u32>), Some(1));
    let items = page.items.expect("they are read");
    let [item] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((item.name.as_deref(), &item.state, item.is_sold), (Some("Lamp"), &Some(State::ForSale), Some(false)));
    assert_eq!(item.price.as_ref().map(Number::as_str), Some("10.50"));
    let owner = item.owner.as_ref().expect("it is read");
    assert_eq!((owner.email.as_deref(), owner.tax_number.as_deref()), (Some("a@b.c"), Some("5")));
    assert!(item.other.is_empty());
}

#[test]
fn every_member_may_be_missing() {
    assert_eq!(read::<Item>(&json!({})), Item::default());
    assert_eq!(read::<ItemPage>(&json!({"items": [{}]})).items, Some(vec![Item::default()]));
}

#[test]
fn members_that_the_document_does_not_have_are_kept() {
    let item: Item = read(&json!({"name": "Lamp", "c_budget": {"amount": 12.0}, "is_new": null}));
    assert_eq!(item.name.as_deref(), Some("Lamp"));
    assert_eq!(other(&item.other), [("c_budget", r#"{"amount":12.0}"#), ("is_new", "null")]);
}

#[test]
fn values_that_an_enum_does_not_have_are_kept() {
    let state = |value: &str| read::<Item>(&json!({ "state": value })).state.expect("a text is read");
    assert_eq!([state("sold out"), state("404")], [State::SoldOut, State::_404]);
    let unknown = state("for rent");
    assert_eq!((unknown.as_str(), &unknown), ("for rent", &State::Other("for rent".to_owned())));
    // an empty text is one that the document does not have
    assert_eq!(state("").as_str(), "");
    assert_eq!(State::ForSale.as_str(), "for-sale");
}

#[test]
fn large_numbers_and_decimals_keep_their_digits() {
    for digits in ["90071992547409931234567890", "0.10", "1e400", "-0.0"] {
        let item = Item::read(&format!(r#"{{"id": {digits}, "price": {digits}}}"#)).value.expect("it is read");
        assert_eq!(
            [item.id, item.price].map(|number| number.map(|number| number.to_string())),
            [(); 2].map(|()| Some(digits.to_owned()))
        );
    }
}

#[test]
fn a_member_of_another_type_loses_nothing_else() {
    let item: Item = read(&json!({"name": 5, "id": "7", "isSold": "no", "tags": "a,b", "state": null, "owner": [], "price": 1}));
    assert_eq!(item.price.map(|price| price.to_string()).as_deref(), Some("1"));
    assert_eq!((item.name, item.id, item.is_sold, item.tags, item.state, item.owner), (None, None, None, None, None, None));
    let kept = [("id", "\"7\""), ("isSold", "\"no\""), ("name", "5"), ("owner", "[]"), ("state", "null"), ("tags", "\"a,b\"")];
    assert_eq!(other(&item.other), kept);

    let page: ItemPage = read(&json!({"items": [{"name": "a"}, null, {"name": "b"}, "c"], "total": 4}));
    let names: Vec<_> = page.items.iter().flatten().map(|item| item.name.as_deref().unwrap_or_default()).collect();
    assert_eq!((names, other(&page.other)), (vec!["a", "b"], vec![("items", r#"[null,"c"]"#)]));
}

#[test]
fn what_can_be_of_several_kinds_is_json() {
    let sizes = [json!("large"), json!({"width": 2.50})];
    for size in sizes {
        let read: Item = read(&json!({ "size": size }));
        assert_eq!(read.size.expect("anything is read").to::<Value>().expect("it is JSON"), size);
    }
    // an enum whose values have no distinct Rust names is a text
    assert_eq!(read::<Item>(&json!({"signs": "+"})).signs.as_deref(), Some("+"));
}

#[tokio::test]
async fn the_body_has_the_required_arguments_the_given_ones_and_further_ones() {
    let mut api = FixedApi::start("application/json", br#"{"item": {"id": 1}, "other": "x", "new": 1}"#).await;
    let further = Map::from_iter([("c_budget".to_owned(), json!(5))]);
    let options = CreateItemOptions { price: Some(Number::from(3)), other: further };
    let answer = shop(&api).create_item("Lamp".to_owned(), "light".to_owned(), options).await.expect("the call succeeds");
    let body: Value = serde_json::from_slice(&api.seen().expect("it was called").body).expect("the body is JSON");
    assert_eq!(body, json!({"name": "Lamp", "type": "light", "price": 3, "c_budget": 5}));
    assert_eq!((answer.other2.as_deref(), other(&answer.other)), (Some("x"), vec![("new", "1")]));
}

#[tokio::test]
async fn a_list_a_file_and_no_content_are_read_too() {
    let api = FixedApi::start("application/json", br#"["a", "b", 3]"#).await;
    let names = shop(&api).list_names().await.expect("the call succeeds");
    assert_eq!((names.items, other(&names.other)), (Some(vec!["a".to_owned(), "b".to_owned()]), vec![("items", "[3]")]));

    let api = FixedApi::start("image/png", b"\x89PNG").await;
    let picture = shop(&api).get_picture(7).await.expect("the call succeeds");
    assert_eq!((picture.content_type.as_deref(), picture.base64.as_deref()), (Some("image/png"), Some("iVBORw==")));

    let api = FixedApi::start("application/json", b"").await;
    let deleted = shop(&api).delete_item(7).await.expect("the call succeeds");
    assert_eq!(deleted.as_str(), r#"{"status":200}"#);
}

#[tokio::test]
async fn a_type_can_contain_itself() {
    let api =
        FixedApi::start("application/json", br#"{"name": "b", "parent": {"name": "a"}, "children": [{"name": "c"}]}"#).await;
    let tree = shop(&api).get_tree().await.expect("the call succeeds");
    assert_eq!(tree.parent.and_then(|parent| parent.name).as_deref(), Some("a"));
    assert_eq!(tree.children.unwrap_or_default()[0].name.as_deref(), Some("c"));
}

#[tokio::test]
async fn arguments_are_checked_before_anything_is_sent() {
    let mut api = FixedApi::start("application/json", b"{}").await;
    let options = ListItemsOptions { sort: Some("size".to_owned()), ..Default::default() };
    let error = shop(&api).list_items("no".to_owned(), options).await.expect_err("the document has no such value");
    assert_eq!(error.kind, ErrorKind::Arguments, "{error}");
    assert!(api.seen().is_none());
}
