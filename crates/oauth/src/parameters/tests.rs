use crate::parameters::*;

#[test]
fn a_parameter_that_comes_twice_is_an_error_and_an_empty_one_is_none() {
    let parameters = Parameters::parse("a=1&b=&c=x+y%20z&d=1&d=2&e&%ff=1");
    assert_eq!(parameters.one("a"), Ok(Some("1")));
    assert_eq!(parameters.one("b"), Ok(None));
    assert_eq!(parameters.one("c"), Ok(Some("x y z")));
    assert_eq!(parameters.one("d"), Err(RepeatedParameter("d".to_owned())));
    assert_eq!(parameters.one("e"), Ok(None));
    assert_eq!(parameters.all("d").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(Parameters::parse("a=&a=1").one("a"), Ok(Some("1")));
}

#[tokio::test]
async fn a_form_has_a_limited_number_of_parameters() {
    let read = async |count: usize| {
        let form = vec!["a=1"; count].join("&");
        let request = Request::post("/").header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.into()).unwrap();
        Form::from_request(request, &()).await.map(|Form(parameters)| parameters.all("a").count())
    };
    assert_eq!(read(MAX_PARAMETERS).await.unwrap(), MAX_PARAMETERS);
    let error = read(MAX_PARAMETERS + 1).await.unwrap_err();
    assert!(matches!(&error, OAuthError::InvalidRequest(text) if text.contains("more than 100 parameters")), "{error:?}");
}

#[test]
fn values_are_wiped_at_the_end() {
    let is_wiped = |_: &dyn zeroize::ZeroizeOnDrop| {};
    let Parameters(parameters) = Parameters::parse(b"key=sk%5Flive&text=\xff");
    let values: Vec<_> = parameters.iter().inspect(|(_, value)| is_wiped(value)).map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["sk_live", "\u{fffd}"]);
}
