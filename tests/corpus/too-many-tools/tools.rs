/// the function of each tool, sorted by name
pub static TOOL_FNS: &[(&str, super::ToolFn)] = &[
    (
        "list_items0",
        |call, arguments| ::std::boxed::Box::pin(
            list_items0(super::client(call), arguments),
        ),
    ),
    (
        "list_items1",
        |call, arguments| ::std::boxed::Box::pin(
            list_items1(super::client(call), arguments),
        ),
    ),
    (
        "list_items10",
        |call, arguments| ::std::boxed::Box::pin(
            list_items10(super::client(call), arguments),
        ),
    ),
    (
        "list_items100",
        |call, arguments| ::std::boxed::Box::pin(
            list_items100(super::client(call), arguments),
        ),
    ),
    (
        "list_items101",
        |call, arguments| ::std::boxed::Box::pin(
            list_items101(super::client(call), arguments),
        ),
    ),
    (
        "list_items102",
        |call, arguments| ::std::boxed::Box::pin(
            list_items102(super::client(call), arguments),
        ),
    ),
    (
        "list_items103",
        |call, arguments| ::std::boxed::Box::pin(
            list_items103(super::client(call), arguments),
        ),
    ),
    (
        "list_items104",
        |call, arguments| ::std::boxed::Box::pin(
            list_items104(super::client(call), arguments),
        ),
    ),
    (
        "list_items105",
        |call, arguments| ::std::boxed::Box::pin(
            list_items105(super::client(call), arguments),
        ),
    ),
    (
        "list_items106",
        |call, arguments| ::std::boxed::Box::pin(
            list_items106(super::client(call), arguments),
        ),
    ),
    (
        "list_items107",
        |call, arguments| ::std::boxed::Box::pin(
            list_items107(super::client(call), arguments),
        ),
    ),
    (
        "list_items108",
        |call, arguments| ::std::boxed::Box::pin(
            list_items108(super::client(call), arguments),
        ),
    ),
    (
        "list_items109",
        |call, arguments| ::std::boxed::Box::pin(
            list_items109(super::client(call), arguments),
        ),
    ),
    (
        "list_items11",
        |call, arguments| ::std::boxed::Box::pin(
            list_items11(super::client(call), arguments),
        ),
    ),
    (
        "list_items110",
        |call, arguments| ::std::boxed::Box::pin(
            list_items110(super::client(call), arguments),
        ),
    ),
    (
        "list_items111",
        |call, arguments| ::std::boxed::Box::pin(
            list_items111(super::client(call), arguments),
        ),
    ),
    (
        "list_items112",
        |call, arguments| ::std::boxed::Box::pin(
            list_items112(super::client(call), arguments),
        ),
    ),
    (
        "list_items113",
        |call, arguments| ::std::boxed::Box::pin(
            list_items113(super::client(call), arguments),
        ),
    ),
    (
        "list_items114",
        |call, arguments| ::std::boxed::Box::pin(
            list_items114(super::client(call), arguments),
        ),
    ),
    (
        "list_items115",
        |call, arguments| ::std::boxed::Box::pin(
            list_items115(super::client(call), arguments),
        ),
    ),
    (
        "list_items116",
        |call, arguments| ::std::boxed::Box::pin(
            list_items116(super::client(call), arguments),
        ),
    ),
    (
        "list_items117",
        |call, arguments| ::std::boxed::Box::pin(
            list_items117(super::client(call), arguments),
        ),
    ),
    (
        "list_items118",
        |call, arguments| ::std::boxed::Box::pin(
            list_items118(super::client(call), arguments),
        ),
    ),
    (
        "list_items119",
        |call, arguments| ::std::boxed::Box::pin(
            list_items119(super::client(call), arguments),
        ),
    ),
    (
        "list_items12",
        |call, arguments| ::std::boxed::Box::pin(
            list_items12(super::client(call), arguments),
        ),
    ),
    (
        "list_items120",
        |call, arguments| ::std::boxed::Box::pin(
            list_items120(super::client(call), arguments),
        ),
    ),
    (
        "list_items121",
        |call, arguments| ::std::boxed::Box::pin(
            list_items121(super::client(call), arguments),
        ),
    ),
    (
        "list_items122",
        |call, arguments| ::std::boxed::Box::pin(
            list_items122(super::client(call), arguments),
        ),
    ),
    (
        "list_items123",
        |call, arguments| ::std::boxed::Box::pin(
            list_items123(super::client(call), arguments),
        ),
    ),
    (
        "list_items124",
        |call, arguments| ::std::boxed::Box::pin(
            list_items124(super::client(call), arguments),
        ),
    ),
    (
        "list_items125",
        |call, arguments| ::std::boxed::Box::pin(
            list_items125(super::client(call), arguments),
        ),
    ),
    (
        "list_items126",
        |call, arguments| ::std::boxed::Box::pin(
            list_items126(super::client(call), arguments),
        ),
    ),
    (
        "list_items127",
        |call, arguments| ::std::boxed::Box::pin(
            list_items127(super::client(call), arguments),
        ),
    ),
    (
        "list_items128",
        |call, arguments| ::std::boxed::Box::pin(
            list_items128(super::client(call), arguments),
        ),
    ),
    (
        "list_items13",
        |call, arguments| ::std::boxed::Box::pin(
            list_items13(super::client(call), arguments),
        ),
    ),
    (
        "list_items14",
        |call, arguments| ::std::boxed::Box::pin(
            list_items14(super::client(call), arguments),
        ),
    ),
    (
        "list_items15",
        |call, arguments| ::std::boxed::Box::pin(
            list_items15(super::client(call), arguments),
        ),
    ),
    (
        "list_items16",
        |call, arguments| ::std::boxed::Box::pin(
            list_items16(super::client(call), arguments),
        ),
    ),
    (
        "list_items17",
        |call, arguments| ::std::boxed::Box::pin(
            list_items17(super::client(call), arguments),
        ),
    ),
    (
        "list_items18",
        |call, arguments| ::std::boxed::Box::pin(
            list_items18(super::client(call), arguments),
        ),
    ),
    (
        "list_items19",
        |call, arguments| ::std::boxed::Box::pin(
            list_items19(super::client(call), arguments),
        ),
    ),
    (
        "list_items2",
        |call, arguments| ::std::boxed::Box::pin(
            list_items2(super::client(call), arguments),
        ),
    ),
    (
        "list_items20",
        |call, arguments| ::std::boxed::Box::pin(
            list_items20(super::client(call), arguments),
        ),
    ),
    (
        "list_items21",
        |call, arguments| ::std::boxed::Box::pin(
            list_items21(super::client(call), arguments),
        ),
    ),
    (
        "list_items22",
        |call, arguments| ::std::boxed::Box::pin(
            list_items22(super::client(call), arguments),
        ),
    ),
    (
        "list_items23",
        |call, arguments| ::std::boxed::Box::pin(
            list_items23(super::client(call), arguments),
        ),
    ),
    (
        "list_items24",
        |call, arguments| ::std::boxed::Box::pin(
            list_items24(super::client(call), arguments),
        ),
    ),
    (
        "list_items25",
        |call, arguments| ::std::boxed::Box::pin(
            list_items25(super::client(call), arguments),
        ),
    ),
    (
        "list_items26",
        |call, arguments| ::std::boxed::Box::pin(
            list_items26(super::client(call), arguments),
        ),
    ),
    (
        "list_items27",
        |call, arguments| ::std::boxed::Box::pin(
            list_items27(super::client(call), arguments),
        ),
    ),
    (
        "list_items28",
        |call, arguments| ::std::boxed::Box::pin(
            list_items28(super::client(call), arguments),
        ),
    ),
    (
        "list_items29",
        |call, arguments| ::std::boxed::Box::pin(
            list_items29(super::client(call), arguments),
        ),
    ),
    (
        "list_items3",
        |call, arguments| ::std::boxed::Box::pin(
            list_items3(super::client(call), arguments),
        ),
    ),
    (
        "list_items30",
        |call, arguments| ::std::boxed::Box::pin(
            list_items30(super::client(call), arguments),
        ),
    ),
    (
        "list_items31",
        |call, arguments| ::std::boxed::Box::pin(
            list_items31(super::client(call), arguments),
        ),
    ),
    (
        "list_items32",
        |call, arguments| ::std::boxed::Box::pin(
            list_items32(super::client(call), arguments),
        ),
    ),
    (
        "list_items33",
        |call, arguments| ::std::boxed::Box::pin(
            list_items33(super::client(call), arguments),
        ),
    ),
    (
        "list_items34",
        |call, arguments| ::std::boxed::Box::pin(
            list_items34(super::client(call), arguments),
        ),
    ),
    (
        "list_items35",
        |call, arguments| ::std::boxed::Box::pin(
            list_items35(super::client(call), arguments),
        ),
    ),
    (
        "list_items36",
        |call, arguments| ::std::boxed::Box::pin(
            list_items36(super::client(call), arguments),
        ),
    ),
    (
        "list_items37",
        |call, arguments| ::std::boxed::Box::pin(
            list_items37(super::client(call), arguments),
        ),
    ),
    (
        "list_items38",
        |call, arguments| ::std::boxed::Box::pin(
            list_items38(super::client(call), arguments),
        ),
    ),
    (
        "list_items39",
        |call, arguments| ::std::boxed::Box::pin(
            list_items39(super::client(call), arguments),
        ),
    ),
    (
        "list_items4",
        |call, arguments| ::std::boxed::Box::pin(
            list_items4(super::client(call), arguments),
        ),
    ),
    (
        "list_items40",
        |call, arguments| ::std::boxed::Box::pin(
            list_items40(super::client(call), arguments),
        ),
    ),
    (
        "list_items41",
        |call, arguments| ::std::boxed::Box::pin(
            list_items41(super::client(call), arguments),
        ),
    ),
    (
        "list_items42",
        |call, arguments| ::std::boxed::Box::pin(
            list_items42(super::client(call), arguments),
        ),
    ),
    (
        "list_items43",
        |call, arguments| ::std::boxed::Box::pin(
            list_items43(super::client(call), arguments),
        ),
    ),
    (
        "list_items44",
        |call, arguments| ::std::boxed::Box::pin(
            list_items44(super::client(call), arguments),
        ),
    ),
    (
        "list_items45",
        |call, arguments| ::std::boxed::Box::pin(
            list_items45(super::client(call), arguments),
        ),
    ),
    (
        "list_items46",
        |call, arguments| ::std::boxed::Box::pin(
            list_items46(super::client(call), arguments),
        ),
    ),
    (
        "list_items47",
        |call, arguments| ::std::boxed::Box::pin(
            list_items47(super::client(call), arguments),
        ),
    ),
    (
        "list_items48",
        |call, arguments| ::std::boxed::Box::pin(
            list_items48(super::client(call), arguments),
        ),
    ),
    (
        "list_items49",
        |call, arguments| ::std::boxed::Box::pin(
            list_items49(super::client(call), arguments),
        ),
    ),
    (
        "list_items5",
        |call, arguments| ::std::boxed::Box::pin(
            list_items5(super::client(call), arguments),
        ),
    ),
    (
        "list_items50",
        |call, arguments| ::std::boxed::Box::pin(
            list_items50(super::client(call), arguments),
        ),
    ),
    (
        "list_items51",
        |call, arguments| ::std::boxed::Box::pin(
            list_items51(super::client(call), arguments),
        ),
    ),
    (
        "list_items52",
        |call, arguments| ::std::boxed::Box::pin(
            list_items52(super::client(call), arguments),
        ),
    ),
    (
        "list_items53",
        |call, arguments| ::std::boxed::Box::pin(
            list_items53(super::client(call), arguments),
        ),
    ),
    (
        "list_items54",
        |call, arguments| ::std::boxed::Box::pin(
            list_items54(super::client(call), arguments),
        ),
    ),
    (
        "list_items55",
        |call, arguments| ::std::boxed::Box::pin(
            list_items55(super::client(call), arguments),
        ),
    ),
    (
        "list_items56",
        |call, arguments| ::std::boxed::Box::pin(
            list_items56(super::client(call), arguments),
        ),
    ),
    (
        "list_items57",
        |call, arguments| ::std::boxed::Box::pin(
            list_items57(super::client(call), arguments),
        ),
    ),
    (
        "list_items58",
        |call, arguments| ::std::boxed::Box::pin(
            list_items58(super::client(call), arguments),
        ),
    ),
    (
        "list_items59",
        |call, arguments| ::std::boxed::Box::pin(
            list_items59(super::client(call), arguments),
        ),
    ),
    (
        "list_items6",
        |call, arguments| ::std::boxed::Box::pin(
            list_items6(super::client(call), arguments),
        ),
    ),
    (
        "list_items60",
        |call, arguments| ::std::boxed::Box::pin(
            list_items60(super::client(call), arguments),
        ),
    ),
    (
        "list_items61",
        |call, arguments| ::std::boxed::Box::pin(
            list_items61(super::client(call), arguments),
        ),
    ),
    (
        "list_items62",
        |call, arguments| ::std::boxed::Box::pin(
            list_items62(super::client(call), arguments),
        ),
    ),
    (
        "list_items63",
        |call, arguments| ::std::boxed::Box::pin(
            list_items63(super::client(call), arguments),
        ),
    ),
    (
        "list_items64",
        |call, arguments| ::std::boxed::Box::pin(
            list_items64(super::client(call), arguments),
        ),
    ),
    (
        "list_items65",
        |call, arguments| ::std::boxed::Box::pin(
            list_items65(super::client(call), arguments),
        ),
    ),
    (
        "list_items66",
        |call, arguments| ::std::boxed::Box::pin(
            list_items66(super::client(call), arguments),
        ),
    ),
    (
        "list_items67",
        |call, arguments| ::std::boxed::Box::pin(
            list_items67(super::client(call), arguments),
        ),
    ),
    (
        "list_items68",
        |call, arguments| ::std::boxed::Box::pin(
            list_items68(super::client(call), arguments),
        ),
    ),
    (
        "list_items69",
        |call, arguments| ::std::boxed::Box::pin(
            list_items69(super::client(call), arguments),
        ),
    ),
    (
        "list_items7",
        |call, arguments| ::std::boxed::Box::pin(
            list_items7(super::client(call), arguments),
        ),
    ),
    (
        "list_items70",
        |call, arguments| ::std::boxed::Box::pin(
            list_items70(super::client(call), arguments),
        ),
    ),
    (
        "list_items71",
        |call, arguments| ::std::boxed::Box::pin(
            list_items71(super::client(call), arguments),
        ),
    ),
    (
        "list_items72",
        |call, arguments| ::std::boxed::Box::pin(
            list_items72(super::client(call), arguments),
        ),
    ),
    (
        "list_items73",
        |call, arguments| ::std::boxed::Box::pin(
            list_items73(super::client(call), arguments),
        ),
    ),
    (
        "list_items74",
        |call, arguments| ::std::boxed::Box::pin(
            list_items74(super::client(call), arguments),
        ),
    ),
    (
        "list_items75",
        |call, arguments| ::std::boxed::Box::pin(
            list_items75(super::client(call), arguments),
        ),
    ),
    (
        "list_items76",
        |call, arguments| ::std::boxed::Box::pin(
            list_items76(super::client(call), arguments),
        ),
    ),
    (
        "list_items77",
        |call, arguments| ::std::boxed::Box::pin(
            list_items77(super::client(call), arguments),
        ),
    ),
    (
        "list_items78",
        |call, arguments| ::std::boxed::Box::pin(
            list_items78(super::client(call), arguments),
        ),
    ),
    (
        "list_items79",
        |call, arguments| ::std::boxed::Box::pin(
            list_items79(super::client(call), arguments),
        ),
    ),
    (
        "list_items8",
        |call, arguments| ::std::boxed::Box::pin(
            list_items8(super::client(call), arguments),
        ),
    ),
    (
        "list_items80",
        |call, arguments| ::std::boxed::Box::pin(
            list_items80(super::client(call), arguments),
        ),
    ),
    (
        "list_items81",
        |call, arguments| ::std::boxed::Box::pin(
            list_items81(super::client(call), arguments),
        ),
    ),
    (
        "list_items82",
        |call, arguments| ::std::boxed::Box::pin(
            list_items82(super::client(call), arguments),
        ),
    ),
    (
        "list_items83",
        |call, arguments| ::std::boxed::Box::pin(
            list_items83(super::client(call), arguments),
        ),
    ),
    (
        "list_items84",
        |call, arguments| ::std::boxed::Box::pin(
            list_items84(super::client(call), arguments),
        ),
    ),
    (
        "list_items85",
        |call, arguments| ::std::boxed::Box::pin(
            list_items85(super::client(call), arguments),
        ),
    ),
    (
        "list_items86",
        |call, arguments| ::std::boxed::Box::pin(
            list_items86(super::client(call), arguments),
        ),
    ),
    (
        "list_items87",
        |call, arguments| ::std::boxed::Box::pin(
            list_items87(super::client(call), arguments),
        ),
    ),
    (
        "list_items88",
        |call, arguments| ::std::boxed::Box::pin(
            list_items88(super::client(call), arguments),
        ),
    ),
    (
        "list_items89",
        |call, arguments| ::std::boxed::Box::pin(
            list_items89(super::client(call), arguments),
        ),
    ),
    (
        "list_items9",
        |call, arguments| ::std::boxed::Box::pin(
            list_items9(super::client(call), arguments),
        ),
    ),
    (
        "list_items90",
        |call, arguments| ::std::boxed::Box::pin(
            list_items90(super::client(call), arguments),
        ),
    ),
    (
        "list_items91",
        |call, arguments| ::std::boxed::Box::pin(
            list_items91(super::client(call), arguments),
        ),
    ),
    (
        "list_items92",
        |call, arguments| ::std::boxed::Box::pin(
            list_items92(super::client(call), arguments),
        ),
    ),
    (
        "list_items93",
        |call, arguments| ::std::boxed::Box::pin(
            list_items93(super::client(call), arguments),
        ),
    ),
    (
        "list_items94",
        |call, arguments| ::std::boxed::Box::pin(
            list_items94(super::client(call), arguments),
        ),
    ),
    (
        "list_items95",
        |call, arguments| ::std::boxed::Box::pin(
            list_items95(super::client(call), arguments),
        ),
    ),
    (
        "list_items96",
        |call, arguments| ::std::boxed::Box::pin(
            list_items96(super::client(call), arguments),
        ),
    ),
    (
        "list_items97",
        |call, arguments| ::std::boxed::Box::pin(
            list_items97(super::client(call), arguments),
        ),
    ),
    (
        "list_items98",
        |call, arguments| ::std::boxed::Box::pin(
            list_items98(super::client(call), arguments),
        ),
    ),
    (
        "list_items99",
        |call, arguments| ::std::boxed::Box::pin(
            list_items99(super::client(call), arguments),
        ),
    ),
];

async fn list_items0(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items0();
    super::received(&client, request.send().await)
}

async fn list_items1(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items1();
    super::received(&client, request.send().await)
}

async fn list_items10(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items10();
    super::received(&client, request.send().await)
}

async fn list_items100(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items100();
    super::received(&client, request.send().await)
}

async fn list_items101(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items101();
    super::received(&client, request.send().await)
}

async fn list_items102(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items102();
    super::received(&client, request.send().await)
}

async fn list_items103(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items103();
    super::received(&client, request.send().await)
}

async fn list_items104(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items104();
    super::received(&client, request.send().await)
}

async fn list_items105(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items105();
    super::received(&client, request.send().await)
}

async fn list_items106(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items106();
    super::received(&client, request.send().await)
}

async fn list_items107(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items107();
    super::received(&client, request.send().await)
}

async fn list_items108(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items108();
    super::received(&client, request.send().await)
}

async fn list_items109(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items109();
    super::received(&client, request.send().await)
}

async fn list_items11(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items11();
    super::received(&client, request.send().await)
}

async fn list_items110(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items110();
    super::received(&client, request.send().await)
}

async fn list_items111(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items111();
    super::received(&client, request.send().await)
}

async fn list_items112(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items112();
    super::received(&client, request.send().await)
}

async fn list_items113(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items113();
    super::received(&client, request.send().await)
}

async fn list_items114(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items114();
    super::received(&client, request.send().await)
}

async fn list_items115(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items115();
    super::received(&client, request.send().await)
}

async fn list_items116(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items116();
    super::received(&client, request.send().await)
}

async fn list_items117(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items117();
    super::received(&client, request.send().await)
}

async fn list_items118(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items118();
    super::received(&client, request.send().await)
}

async fn list_items119(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items119();
    super::received(&client, request.send().await)
}

async fn list_items12(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items12();
    super::received(&client, request.send().await)
}

async fn list_items120(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items120();
    super::received(&client, request.send().await)
}

async fn list_items121(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items121();
    super::received(&client, request.send().await)
}

async fn list_items122(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items122();
    super::received(&client, request.send().await)
}

async fn list_items123(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items123();
    super::received(&client, request.send().await)
}

async fn list_items124(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items124();
    super::received(&client, request.send().await)
}

async fn list_items125(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items125();
    super::received(&client, request.send().await)
}

async fn list_items126(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items126();
    super::received(&client, request.send().await)
}

async fn list_items127(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items127();
    super::received(&client, request.send().await)
}

async fn list_items128(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items128();
    super::received(&client, request.send().await)
}

async fn list_items13(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items13();
    super::received(&client, request.send().await)
}

async fn list_items14(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items14();
    super::received(&client, request.send().await)
}

async fn list_items15(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items15();
    super::received(&client, request.send().await)
}

async fn list_items16(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items16();
    super::received(&client, request.send().await)
}

async fn list_items17(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items17();
    super::received(&client, request.send().await)
}

async fn list_items18(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items18();
    super::received(&client, request.send().await)
}

async fn list_items19(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items19();
    super::received(&client, request.send().await)
}

async fn list_items2(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items2();
    super::received(&client, request.send().await)
}

async fn list_items20(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items20();
    super::received(&client, request.send().await)
}

async fn list_items21(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items21();
    super::received(&client, request.send().await)
}

async fn list_items22(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items22();
    super::received(&client, request.send().await)
}

async fn list_items23(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items23();
    super::received(&client, request.send().await)
}

async fn list_items24(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items24();
    super::received(&client, request.send().await)
}

async fn list_items25(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items25();
    super::received(&client, request.send().await)
}

async fn list_items26(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items26();
    super::received(&client, request.send().await)
}

async fn list_items27(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items27();
    super::received(&client, request.send().await)
}

async fn list_items28(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items28();
    super::received(&client, request.send().await)
}

async fn list_items29(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items29();
    super::received(&client, request.send().await)
}

async fn list_items3(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items3();
    super::received(&client, request.send().await)
}

async fn list_items30(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items30();
    super::received(&client, request.send().await)
}

async fn list_items31(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items31();
    super::received(&client, request.send().await)
}

async fn list_items32(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items32();
    super::received(&client, request.send().await)
}

async fn list_items33(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items33();
    super::received(&client, request.send().await)
}

async fn list_items34(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items34();
    super::received(&client, request.send().await)
}

async fn list_items35(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items35();
    super::received(&client, request.send().await)
}

async fn list_items36(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items36();
    super::received(&client, request.send().await)
}

async fn list_items37(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items37();
    super::received(&client, request.send().await)
}

async fn list_items38(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items38();
    super::received(&client, request.send().await)
}

async fn list_items39(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items39();
    super::received(&client, request.send().await)
}

async fn list_items4(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items4();
    super::received(&client, request.send().await)
}

async fn list_items40(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items40();
    super::received(&client, request.send().await)
}

async fn list_items41(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items41();
    super::received(&client, request.send().await)
}

async fn list_items42(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items42();
    super::received(&client, request.send().await)
}

async fn list_items43(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items43();
    super::received(&client, request.send().await)
}

async fn list_items44(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items44();
    super::received(&client, request.send().await)
}

async fn list_items45(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items45();
    super::received(&client, request.send().await)
}

async fn list_items46(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items46();
    super::received(&client, request.send().await)
}

async fn list_items47(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items47();
    super::received(&client, request.send().await)
}

async fn list_items48(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items48();
    super::received(&client, request.send().await)
}

async fn list_items49(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items49();
    super::received(&client, request.send().await)
}

async fn list_items5(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items5();
    super::received(&client, request.send().await)
}

async fn list_items50(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items50();
    super::received(&client, request.send().await)
}

async fn list_items51(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items51();
    super::received(&client, request.send().await)
}

async fn list_items52(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items52();
    super::received(&client, request.send().await)
}

async fn list_items53(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items53();
    super::received(&client, request.send().await)
}

async fn list_items54(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items54();
    super::received(&client, request.send().await)
}

async fn list_items55(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items55();
    super::received(&client, request.send().await)
}

async fn list_items56(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items56();
    super::received(&client, request.send().await)
}

async fn list_items57(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items57();
    super::received(&client, request.send().await)
}

async fn list_items58(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items58();
    super::received(&client, request.send().await)
}

async fn list_items59(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items59();
    super::received(&client, request.send().await)
}

async fn list_items6(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items6();
    super::received(&client, request.send().await)
}

async fn list_items60(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items60();
    super::received(&client, request.send().await)
}

async fn list_items61(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items61();
    super::received(&client, request.send().await)
}

async fn list_items62(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items62();
    super::received(&client, request.send().await)
}

async fn list_items63(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items63();
    super::received(&client, request.send().await)
}

async fn list_items64(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items64();
    super::received(&client, request.send().await)
}

async fn list_items65(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items65();
    super::received(&client, request.send().await)
}

async fn list_items66(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items66();
    super::received(&client, request.send().await)
}

async fn list_items67(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items67();
    super::received(&client, request.send().await)
}

async fn list_items68(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items68();
    super::received(&client, request.send().await)
}

async fn list_items69(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items69();
    super::received(&client, request.send().await)
}

async fn list_items7(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items7();
    super::received(&client, request.send().await)
}

async fn list_items70(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items70();
    super::received(&client, request.send().await)
}

async fn list_items71(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items71();
    super::received(&client, request.send().await)
}

async fn list_items72(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items72();
    super::received(&client, request.send().await)
}

async fn list_items73(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items73();
    super::received(&client, request.send().await)
}

async fn list_items74(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items74();
    super::received(&client, request.send().await)
}

async fn list_items75(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items75();
    super::received(&client, request.send().await)
}

async fn list_items76(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items76();
    super::received(&client, request.send().await)
}

async fn list_items77(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items77();
    super::received(&client, request.send().await)
}

async fn list_items78(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items78();
    super::received(&client, request.send().await)
}

async fn list_items79(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items79();
    super::received(&client, request.send().await)
}

async fn list_items8(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items8();
    super::received(&client, request.send().await)
}

async fn list_items80(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items80();
    super::received(&client, request.send().await)
}

async fn list_items81(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items81();
    super::received(&client, request.send().await)
}

async fn list_items82(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items82();
    super::received(&client, request.send().await)
}

async fn list_items83(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items83();
    super::received(&client, request.send().await)
}

async fn list_items84(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items84();
    super::received(&client, request.send().await)
}

async fn list_items85(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items85();
    super::received(&client, request.send().await)
}

async fn list_items86(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items86();
    super::received(&client, request.send().await)
}

async fn list_items87(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items87();
    super::received(&client, request.send().await)
}

async fn list_items88(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items88();
    super::received(&client, request.send().await)
}

async fn list_items89(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items89();
    super::received(&client, request.send().await)
}

async fn list_items9(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items9();
    super::received(&client, request.send().await)
}

async fn list_items90(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items90();
    super::received(&client, request.send().await)
}

async fn list_items91(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items91();
    super::received(&client, request.send().await)
}

async fn list_items92(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items92();
    super::received(&client, request.send().await)
}

async fn list_items93(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items93();
    super::received(&client, request.send().await)
}

async fn list_items94(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items94();
    super::received(&client, request.send().await)
}

async fn list_items95(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items95();
    super::received(&client, request.send().await)
}

async fn list_items96(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items96();
    super::received(&client, request.send().await)
}

async fn list_items97(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items97();
    super::received(&client, request.send().await)
}

async fn list_items98(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items98();
    super::received(&client, request.send().await)
}

async fn list_items99(
    client: Client,
    _: super::Arguments,
) -> ::std::result::Result<super::Received, super::ToolError> {
    let request = client.list_items99();
    super::received(&client, request.send().await)
}
