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
