/// every tool's glue, sorted by name
pub static CALLS: &[(&str, crate::upstream::Glue)] = &[
    (
        "list_items0",
        |client, arguments| ::std::boxed::Box::pin(list_items0(client, arguments)),
    ),
    (
        "list_items1",
        |client, arguments| ::std::boxed::Box::pin(list_items1(client, arguments)),
    ),
    (
        "list_items10",
        |client, arguments| ::std::boxed::Box::pin(list_items10(client, arguments)),
    ),
    (
        "list_items100",
        |client, arguments| ::std::boxed::Box::pin(list_items100(client, arguments)),
    ),
    (
        "list_items101",
        |client, arguments| ::std::boxed::Box::pin(list_items101(client, arguments)),
    ),
    (
        "list_items102",
        |client, arguments| ::std::boxed::Box::pin(list_items102(client, arguments)),
    ),
    (
        "list_items103",
        |client, arguments| ::std::boxed::Box::pin(list_items103(client, arguments)),
    ),
    (
        "list_items104",
        |client, arguments| ::std::boxed::Box::pin(list_items104(client, arguments)),
    ),
    (
        "list_items105",
        |client, arguments| ::std::boxed::Box::pin(list_items105(client, arguments)),
    ),
    (
        "list_items106",
        |client, arguments| ::std::boxed::Box::pin(list_items106(client, arguments)),
    ),
    (
        "list_items107",
        |client, arguments| ::std::boxed::Box::pin(list_items107(client, arguments)),
    ),
    (
        "list_items108",
        |client, arguments| ::std::boxed::Box::pin(list_items108(client, arguments)),
    ),
    (
        "list_items109",
        |client, arguments| ::std::boxed::Box::pin(list_items109(client, arguments)),
    ),
    (
        "list_items11",
        |client, arguments| ::std::boxed::Box::pin(list_items11(client, arguments)),
    ),
    (
        "list_items110",
        |client, arguments| ::std::boxed::Box::pin(list_items110(client, arguments)),
    ),
    (
        "list_items111",
        |client, arguments| ::std::boxed::Box::pin(list_items111(client, arguments)),
    ),
    (
        "list_items112",
        |client, arguments| ::std::boxed::Box::pin(list_items112(client, arguments)),
    ),
    (
        "list_items113",
        |client, arguments| ::std::boxed::Box::pin(list_items113(client, arguments)),
    ),
    (
        "list_items114",
        |client, arguments| ::std::boxed::Box::pin(list_items114(client, arguments)),
    ),
    (
        "list_items115",
        |client, arguments| ::std::boxed::Box::pin(list_items115(client, arguments)),
    ),
    (
        "list_items116",
        |client, arguments| ::std::boxed::Box::pin(list_items116(client, arguments)),
    ),
    (
        "list_items117",
        |client, arguments| ::std::boxed::Box::pin(list_items117(client, arguments)),
    ),
    (
        "list_items118",
        |client, arguments| ::std::boxed::Box::pin(list_items118(client, arguments)),
    ),
    (
        "list_items119",
        |client, arguments| ::std::boxed::Box::pin(list_items119(client, arguments)),
    ),
    (
        "list_items12",
        |client, arguments| ::std::boxed::Box::pin(list_items12(client, arguments)),
    ),
    (
        "list_items120",
        |client, arguments| ::std::boxed::Box::pin(list_items120(client, arguments)),
    ),
    (
        "list_items121",
        |client, arguments| ::std::boxed::Box::pin(list_items121(client, arguments)),
    ),
    (
        "list_items122",
        |client, arguments| ::std::boxed::Box::pin(list_items122(client, arguments)),
    ),
    (
        "list_items123",
        |client, arguments| ::std::boxed::Box::pin(list_items123(client, arguments)),
    ),
    (
        "list_items124",
        |client, arguments| ::std::boxed::Box::pin(list_items124(client, arguments)),
    ),
    (
        "list_items125",
        |client, arguments| ::std::boxed::Box::pin(list_items125(client, arguments)),
    ),
    (
        "list_items126",
        |client, arguments| ::std::boxed::Box::pin(list_items126(client, arguments)),
    ),
    (
        "list_items127",
        |client, arguments| ::std::boxed::Box::pin(list_items127(client, arguments)),
    ),
    (
        "list_items128",
        |client, arguments| ::std::boxed::Box::pin(list_items128(client, arguments)),
    ),
    (
        "list_items13",
        |client, arguments| ::std::boxed::Box::pin(list_items13(client, arguments)),
    ),
    (
        "list_items14",
        |client, arguments| ::std::boxed::Box::pin(list_items14(client, arguments)),
    ),
    (
        "list_items15",
        |client, arguments| ::std::boxed::Box::pin(list_items15(client, arguments)),
    ),
    (
        "list_items16",
        |client, arguments| ::std::boxed::Box::pin(list_items16(client, arguments)),
    ),
    (
        "list_items17",
        |client, arguments| ::std::boxed::Box::pin(list_items17(client, arguments)),
    ),
    (
        "list_items18",
        |client, arguments| ::std::boxed::Box::pin(list_items18(client, arguments)),
    ),
    (
        "list_items19",
        |client, arguments| ::std::boxed::Box::pin(list_items19(client, arguments)),
    ),
    (
        "list_items2",
        |client, arguments| ::std::boxed::Box::pin(list_items2(client, arguments)),
    ),
    (
        "list_items20",
        |client, arguments| ::std::boxed::Box::pin(list_items20(client, arguments)),
    ),
    (
        "list_items21",
        |client, arguments| ::std::boxed::Box::pin(list_items21(client, arguments)),
    ),
    (
        "list_items22",
        |client, arguments| ::std::boxed::Box::pin(list_items22(client, arguments)),
    ),
    (
        "list_items23",
        |client, arguments| ::std::boxed::Box::pin(list_items23(client, arguments)),
    ),
    (
        "list_items24",
        |client, arguments| ::std::boxed::Box::pin(list_items24(client, arguments)),
    ),
    (
        "list_items25",
        |client, arguments| ::std::boxed::Box::pin(list_items25(client, arguments)),
    ),
    (
        "list_items26",
        |client, arguments| ::std::boxed::Box::pin(list_items26(client, arguments)),
    ),
    (
        "list_items27",
        |client, arguments| ::std::boxed::Box::pin(list_items27(client, arguments)),
    ),
    (
        "list_items28",
        |client, arguments| ::std::boxed::Box::pin(list_items28(client, arguments)),
    ),
    (
        "list_items29",
        |client, arguments| ::std::boxed::Box::pin(list_items29(client, arguments)),
    ),
    (
        "list_items3",
        |client, arguments| ::std::boxed::Box::pin(list_items3(client, arguments)),
    ),
    (
        "list_items30",
        |client, arguments| ::std::boxed::Box::pin(list_items30(client, arguments)),
    ),
    (
        "list_items31",
        |client, arguments| ::std::boxed::Box::pin(list_items31(client, arguments)),
    ),
    (
        "list_items32",
        |client, arguments| ::std::boxed::Box::pin(list_items32(client, arguments)),
    ),
    (
        "list_items33",
        |client, arguments| ::std::boxed::Box::pin(list_items33(client, arguments)),
    ),
    (
        "list_items34",
        |client, arguments| ::std::boxed::Box::pin(list_items34(client, arguments)),
    ),
    (
        "list_items35",
        |client, arguments| ::std::boxed::Box::pin(list_items35(client, arguments)),
    ),
    (
        "list_items36",
        |client, arguments| ::std::boxed::Box::pin(list_items36(client, arguments)),
    ),
    (
        "list_items37",
        |client, arguments| ::std::boxed::Box::pin(list_items37(client, arguments)),
    ),
    (
        "list_items38",
        |client, arguments| ::std::boxed::Box::pin(list_items38(client, arguments)),
    ),
    (
        "list_items39",
        |client, arguments| ::std::boxed::Box::pin(list_items39(client, arguments)),
    ),
    (
        "list_items4",
        |client, arguments| ::std::boxed::Box::pin(list_items4(client, arguments)),
    ),
    (
        "list_items40",
        |client, arguments| ::std::boxed::Box::pin(list_items40(client, arguments)),
    ),
    (
        "list_items41",
        |client, arguments| ::std::boxed::Box::pin(list_items41(client, arguments)),
    ),
    (
        "list_items42",
        |client, arguments| ::std::boxed::Box::pin(list_items42(client, arguments)),
    ),
    (
        "list_items43",
        |client, arguments| ::std::boxed::Box::pin(list_items43(client, arguments)),
    ),
    (
        "list_items44",
        |client, arguments| ::std::boxed::Box::pin(list_items44(client, arguments)),
    ),
    (
        "list_items45",
        |client, arguments| ::std::boxed::Box::pin(list_items45(client, arguments)),
    ),
    (
        "list_items46",
        |client, arguments| ::std::boxed::Box::pin(list_items46(client, arguments)),
    ),
    (
        "list_items47",
        |client, arguments| ::std::boxed::Box::pin(list_items47(client, arguments)),
    ),
    (
        "list_items48",
        |client, arguments| ::std::boxed::Box::pin(list_items48(client, arguments)),
    ),
    (
        "list_items49",
        |client, arguments| ::std::boxed::Box::pin(list_items49(client, arguments)),
    ),
    (
        "list_items5",
        |client, arguments| ::std::boxed::Box::pin(list_items5(client, arguments)),
    ),
    (
        "list_items50",
        |client, arguments| ::std::boxed::Box::pin(list_items50(client, arguments)),
    ),
    (
        "list_items51",
        |client, arguments| ::std::boxed::Box::pin(list_items51(client, arguments)),
    ),
    (
        "list_items52",
        |client, arguments| ::std::boxed::Box::pin(list_items52(client, arguments)),
    ),
    (
        "list_items53",
        |client, arguments| ::std::boxed::Box::pin(list_items53(client, arguments)),
    ),
    (
        "list_items54",
        |client, arguments| ::std::boxed::Box::pin(list_items54(client, arguments)),
    ),
    (
        "list_items55",
        |client, arguments| ::std::boxed::Box::pin(list_items55(client, arguments)),
    ),
    (
        "list_items56",
        |client, arguments| ::std::boxed::Box::pin(list_items56(client, arguments)),
    ),
    (
        "list_items57",
        |client, arguments| ::std::boxed::Box::pin(list_items57(client, arguments)),
    ),
    (
        "list_items58",
        |client, arguments| ::std::boxed::Box::pin(list_items58(client, arguments)),
    ),
    (
        "list_items59",
        |client, arguments| ::std::boxed::Box::pin(list_items59(client, arguments)),
    ),
    (
        "list_items6",
        |client, arguments| ::std::boxed::Box::pin(list_items6(client, arguments)),
    ),
    (
        "list_items60",
        |client, arguments| ::std::boxed::Box::pin(list_items60(client, arguments)),
    ),
    (
        "list_items61",
        |client, arguments| ::std::boxed::Box::pin(list_items61(client, arguments)),
    ),
    (
        "list_items62",
        |client, arguments| ::std::boxed::Box::pin(list_items62(client, arguments)),
    ),
    (
        "list_items63",
        |client, arguments| ::std::boxed::Box::pin(list_items63(client, arguments)),
    ),
    (
        "list_items64",
        |client, arguments| ::std::boxed::Box::pin(list_items64(client, arguments)),
    ),
    (
        "list_items65",
        |client, arguments| ::std::boxed::Box::pin(list_items65(client, arguments)),
    ),
    (
        "list_items66",
        |client, arguments| ::std::boxed::Box::pin(list_items66(client, arguments)),
    ),
    (
        "list_items67",
        |client, arguments| ::std::boxed::Box::pin(list_items67(client, arguments)),
    ),
    (
        "list_items68",
        |client, arguments| ::std::boxed::Box::pin(list_items68(client, arguments)),
    ),
    (
        "list_items69",
        |client, arguments| ::std::boxed::Box::pin(list_items69(client, arguments)),
    ),
    (
        "list_items7",
        |client, arguments| ::std::boxed::Box::pin(list_items7(client, arguments)),
    ),
    (
        "list_items70",
        |client, arguments| ::std::boxed::Box::pin(list_items70(client, arguments)),
    ),
    (
        "list_items71",
        |client, arguments| ::std::boxed::Box::pin(list_items71(client, arguments)),
    ),
    (
        "list_items72",
        |client, arguments| ::std::boxed::Box::pin(list_items72(client, arguments)),
    ),
    (
        "list_items73",
        |client, arguments| ::std::boxed::Box::pin(list_items73(client, arguments)),
    ),
    (
        "list_items74",
        |client, arguments| ::std::boxed::Box::pin(list_items74(client, arguments)),
    ),
    (
        "list_items75",
        |client, arguments| ::std::boxed::Box::pin(list_items75(client, arguments)),
    ),
    (
        "list_items76",
        |client, arguments| ::std::boxed::Box::pin(list_items76(client, arguments)),
    ),
    (
        "list_items77",
        |client, arguments| ::std::boxed::Box::pin(list_items77(client, arguments)),
    ),
    (
        "list_items78",
        |client, arguments| ::std::boxed::Box::pin(list_items78(client, arguments)),
    ),
    (
        "list_items79",
        |client, arguments| ::std::boxed::Box::pin(list_items79(client, arguments)),
    ),
    (
        "list_items8",
        |client, arguments| ::std::boxed::Box::pin(list_items8(client, arguments)),
    ),
    (
        "list_items80",
        |client, arguments| ::std::boxed::Box::pin(list_items80(client, arguments)),
    ),
    (
        "list_items81",
        |client, arguments| ::std::boxed::Box::pin(list_items81(client, arguments)),
    ),
    (
        "list_items82",
        |client, arguments| ::std::boxed::Box::pin(list_items82(client, arguments)),
    ),
    (
        "list_items83",
        |client, arguments| ::std::boxed::Box::pin(list_items83(client, arguments)),
    ),
    (
        "list_items84",
        |client, arguments| ::std::boxed::Box::pin(list_items84(client, arguments)),
    ),
    (
        "list_items85",
        |client, arguments| ::std::boxed::Box::pin(list_items85(client, arguments)),
    ),
    (
        "list_items86",
        |client, arguments| ::std::boxed::Box::pin(list_items86(client, arguments)),
    ),
    (
        "list_items87",
        |client, arguments| ::std::boxed::Box::pin(list_items87(client, arguments)),
    ),
    (
        "list_items88",
        |client, arguments| ::std::boxed::Box::pin(list_items88(client, arguments)),
    ),
    (
        "list_items89",
        |client, arguments| ::std::boxed::Box::pin(list_items89(client, arguments)),
    ),
    (
        "list_items9",
        |client, arguments| ::std::boxed::Box::pin(list_items9(client, arguments)),
    ),
    (
        "list_items90",
        |client, arguments| ::std::boxed::Box::pin(list_items90(client, arguments)),
    ),
    (
        "list_items91",
        |client, arguments| ::std::boxed::Box::pin(list_items91(client, arguments)),
    ),
    (
        "list_items92",
        |client, arguments| ::std::boxed::Box::pin(list_items92(client, arguments)),
    ),
    (
        "list_items93",
        |client, arguments| ::std::boxed::Box::pin(list_items93(client, arguments)),
    ),
    (
        "list_items94",
        |client, arguments| ::std::boxed::Box::pin(list_items94(client, arguments)),
    ),
    (
        "list_items95",
        |client, arguments| ::std::boxed::Box::pin(list_items95(client, arguments)),
    ),
    (
        "list_items96",
        |client, arguments| ::std::boxed::Box::pin(list_items96(client, arguments)),
    ),
    (
        "list_items97",
        |client, arguments| ::std::boxed::Box::pin(list_items97(client, arguments)),
    ),
    (
        "list_items98",
        |client, arguments| ::std::boxed::Box::pin(list_items98(client, arguments)),
    ),
    (
        "list_items99",
        |client, arguments| ::std::boxed::Box::pin(list_items99(client, arguments)),
    ),
];
async fn list_items0(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items0();
    client.answer(request.send().await)
}
async fn list_items1(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items1();
    client.answer(request.send().await)
}
async fn list_items10(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items10();
    client.answer(request.send().await)
}
async fn list_items100(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items100();
    client.answer(request.send().await)
}
async fn list_items101(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items101();
    client.answer(request.send().await)
}
async fn list_items102(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items102();
    client.answer(request.send().await)
}
async fn list_items103(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items103();
    client.answer(request.send().await)
}
async fn list_items104(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items104();
    client.answer(request.send().await)
}
async fn list_items105(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items105();
    client.answer(request.send().await)
}
async fn list_items106(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items106();
    client.answer(request.send().await)
}
async fn list_items107(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items107();
    client.answer(request.send().await)
}
async fn list_items108(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items108();
    client.answer(request.send().await)
}
async fn list_items109(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items109();
    client.answer(request.send().await)
}
async fn list_items11(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items11();
    client.answer(request.send().await)
}
async fn list_items110(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items110();
    client.answer(request.send().await)
}
async fn list_items111(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items111();
    client.answer(request.send().await)
}
async fn list_items112(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items112();
    client.answer(request.send().await)
}
async fn list_items113(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items113();
    client.answer(request.send().await)
}
async fn list_items114(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items114();
    client.answer(request.send().await)
}
async fn list_items115(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items115();
    client.answer(request.send().await)
}
async fn list_items116(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items116();
    client.answer(request.send().await)
}
async fn list_items117(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items117();
    client.answer(request.send().await)
}
async fn list_items118(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items118();
    client.answer(request.send().await)
}
async fn list_items119(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items119();
    client.answer(request.send().await)
}
async fn list_items12(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items12();
    client.answer(request.send().await)
}
async fn list_items120(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items120();
    client.answer(request.send().await)
}
async fn list_items121(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items121();
    client.answer(request.send().await)
}
async fn list_items122(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items122();
    client.answer(request.send().await)
}
async fn list_items123(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items123();
    client.answer(request.send().await)
}
async fn list_items124(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items124();
    client.answer(request.send().await)
}
async fn list_items125(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items125();
    client.answer(request.send().await)
}
async fn list_items126(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items126();
    client.answer(request.send().await)
}
async fn list_items127(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items127();
    client.answer(request.send().await)
}
async fn list_items128(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items128();
    client.answer(request.send().await)
}
async fn list_items13(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items13();
    client.answer(request.send().await)
}
async fn list_items14(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items14();
    client.answer(request.send().await)
}
async fn list_items15(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items15();
    client.answer(request.send().await)
}
async fn list_items16(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items16();
    client.answer(request.send().await)
}
async fn list_items17(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items17();
    client.answer(request.send().await)
}
async fn list_items18(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items18();
    client.answer(request.send().await)
}
async fn list_items19(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items19();
    client.answer(request.send().await)
}
async fn list_items2(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items2();
    client.answer(request.send().await)
}
async fn list_items20(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items20();
    client.answer(request.send().await)
}
async fn list_items21(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items21();
    client.answer(request.send().await)
}
async fn list_items22(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items22();
    client.answer(request.send().await)
}
async fn list_items23(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items23();
    client.answer(request.send().await)
}
async fn list_items24(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items24();
    client.answer(request.send().await)
}
async fn list_items25(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items25();
    client.answer(request.send().await)
}
async fn list_items26(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items26();
    client.answer(request.send().await)
}
async fn list_items27(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items27();
    client.answer(request.send().await)
}
async fn list_items28(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items28();
    client.answer(request.send().await)
}
async fn list_items29(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items29();
    client.answer(request.send().await)
}
async fn list_items3(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items3();
    client.answer(request.send().await)
}
async fn list_items30(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items30();
    client.answer(request.send().await)
}
async fn list_items31(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items31();
    client.answer(request.send().await)
}
async fn list_items32(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items32();
    client.answer(request.send().await)
}
async fn list_items33(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items33();
    client.answer(request.send().await)
}
async fn list_items34(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items34();
    client.answer(request.send().await)
}
async fn list_items35(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items35();
    client.answer(request.send().await)
}
async fn list_items36(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items36();
    client.answer(request.send().await)
}
async fn list_items37(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items37();
    client.answer(request.send().await)
}
async fn list_items38(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items38();
    client.answer(request.send().await)
}
async fn list_items39(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items39();
    client.answer(request.send().await)
}
async fn list_items4(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items4();
    client.answer(request.send().await)
}
async fn list_items40(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items40();
    client.answer(request.send().await)
}
async fn list_items41(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items41();
    client.answer(request.send().await)
}
async fn list_items42(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items42();
    client.answer(request.send().await)
}
async fn list_items43(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items43();
    client.answer(request.send().await)
}
async fn list_items44(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items44();
    client.answer(request.send().await)
}
async fn list_items45(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items45();
    client.answer(request.send().await)
}
async fn list_items46(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items46();
    client.answer(request.send().await)
}
async fn list_items47(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items47();
    client.answer(request.send().await)
}
async fn list_items48(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items48();
    client.answer(request.send().await)
}
async fn list_items49(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items49();
    client.answer(request.send().await)
}
async fn list_items5(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items5();
    client.answer(request.send().await)
}
async fn list_items50(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items50();
    client.answer(request.send().await)
}
async fn list_items51(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items51();
    client.answer(request.send().await)
}
async fn list_items52(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items52();
    client.answer(request.send().await)
}
async fn list_items53(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items53();
    client.answer(request.send().await)
}
async fn list_items54(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items54();
    client.answer(request.send().await)
}
async fn list_items55(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items55();
    client.answer(request.send().await)
}
async fn list_items56(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items56();
    client.answer(request.send().await)
}
async fn list_items57(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items57();
    client.answer(request.send().await)
}
async fn list_items58(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items58();
    client.answer(request.send().await)
}
async fn list_items59(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items59();
    client.answer(request.send().await)
}
async fn list_items6(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items6();
    client.answer(request.send().await)
}
async fn list_items60(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items60();
    client.answer(request.send().await)
}
async fn list_items61(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items61();
    client.answer(request.send().await)
}
async fn list_items62(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items62();
    client.answer(request.send().await)
}
async fn list_items63(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items63();
    client.answer(request.send().await)
}
async fn list_items64(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items64();
    client.answer(request.send().await)
}
async fn list_items65(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items65();
    client.answer(request.send().await)
}
async fn list_items66(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items66();
    client.answer(request.send().await)
}
async fn list_items67(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items67();
    client.answer(request.send().await)
}
async fn list_items68(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items68();
    client.answer(request.send().await)
}
async fn list_items69(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items69();
    client.answer(request.send().await)
}
async fn list_items7(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items7();
    client.answer(request.send().await)
}
async fn list_items70(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items70();
    client.answer(request.send().await)
}
async fn list_items71(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items71();
    client.answer(request.send().await)
}
async fn list_items72(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items72();
    client.answer(request.send().await)
}
async fn list_items73(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items73();
    client.answer(request.send().await)
}
async fn list_items74(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items74();
    client.answer(request.send().await)
}
async fn list_items75(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items75();
    client.answer(request.send().await)
}
async fn list_items76(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items76();
    client.answer(request.send().await)
}
async fn list_items77(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items77();
    client.answer(request.send().await)
}
async fn list_items78(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items78();
    client.answer(request.send().await)
}
async fn list_items79(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items79();
    client.answer(request.send().await)
}
async fn list_items8(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items8();
    client.answer(request.send().await)
}
async fn list_items80(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items80();
    client.answer(request.send().await)
}
async fn list_items81(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items81();
    client.answer(request.send().await)
}
async fn list_items82(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items82();
    client.answer(request.send().await)
}
async fn list_items83(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items83();
    client.answer(request.send().await)
}
async fn list_items84(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items84();
    client.answer(request.send().await)
}
async fn list_items85(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items85();
    client.answer(request.send().await)
}
async fn list_items86(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items86();
    client.answer(request.send().await)
}
async fn list_items87(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items87();
    client.answer(request.send().await)
}
async fn list_items88(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items88();
    client.answer(request.send().await)
}
async fn list_items89(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items89();
    client.answer(request.send().await)
}
async fn list_items9(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items9();
    client.answer(request.send().await)
}
async fn list_items90(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items90();
    client.answer(request.send().await)
}
async fn list_items91(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items91();
    client.answer(request.send().await)
}
async fn list_items92(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items92();
    client.answer(request.send().await)
}
async fn list_items93(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items93();
    client.answer(request.send().await)
}
async fn list_items94(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items94();
    client.answer(request.send().await)
}
async fn list_items95(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items95();
    client.answer(request.send().await)
}
async fn list_items96(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items96();
    client.answer(request.send().await)
}
async fn list_items97(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items97();
    client.answer(request.send().await)
}
async fn list_items98(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items98();
    client.answer(request.send().await)
}
async fn list_items99(
    client: &Client,
    _: crate::arguments::Arguments,
) -> crate::upstream::Outcome {
    let request = client.list_items99();
    client.answer(request.send().await)
}
