use super::{Arguments, Reply, ToolFn, received, required, tool_fn};

/// The function of each tool, sorted by name.
pub static TOOL_FNS: &[(&str, ToolFn)] = &[
    ("list_items0", tool_fn!(list_items0)),
    ("list_items1", tool_fn!(list_items1)),
    ("list_items10", tool_fn!(list_items10)),
    ("list_items100", tool_fn!(list_items100)),
    ("list_items101", tool_fn!(list_items101)),
    ("list_items102", tool_fn!(list_items102)),
    ("list_items103", tool_fn!(list_items103)),
    ("list_items104", tool_fn!(list_items104)),
    ("list_items105", tool_fn!(list_items105)),
    ("list_items106", tool_fn!(list_items106)),
    ("list_items107", tool_fn!(list_items107)),
    ("list_items108", tool_fn!(list_items108)),
    ("list_items109", tool_fn!(list_items109)),
    ("list_items11", tool_fn!(list_items11)),
    ("list_items110", tool_fn!(list_items110)),
    ("list_items111", tool_fn!(list_items111)),
    ("list_items112", tool_fn!(list_items112)),
    ("list_items113", tool_fn!(list_items113)),
    ("list_items114", tool_fn!(list_items114)),
    ("list_items115", tool_fn!(list_items115)),
    ("list_items116", tool_fn!(list_items116)),
    ("list_items117", tool_fn!(list_items117)),
    ("list_items118", tool_fn!(list_items118)),
    ("list_items119", tool_fn!(list_items119)),
    ("list_items12", tool_fn!(list_items12)),
    ("list_items120", tool_fn!(list_items120)),
    ("list_items121", tool_fn!(list_items121)),
    ("list_items122", tool_fn!(list_items122)),
    ("list_items123", tool_fn!(list_items123)),
    ("list_items124", tool_fn!(list_items124)),
    ("list_items125", tool_fn!(list_items125)),
    ("list_items126", tool_fn!(list_items126)),
    ("list_items127", tool_fn!(list_items127)),
    ("list_items128", tool_fn!(list_items128)),
    ("list_items13", tool_fn!(list_items13)),
    ("list_items14", tool_fn!(list_items14)),
    ("list_items15", tool_fn!(list_items15)),
    ("list_items16", tool_fn!(list_items16)),
    ("list_items17", tool_fn!(list_items17)),
    ("list_items18", tool_fn!(list_items18)),
    ("list_items19", tool_fn!(list_items19)),
    ("list_items2", tool_fn!(list_items2)),
    ("list_items20", tool_fn!(list_items20)),
    ("list_items21", tool_fn!(list_items21)),
    ("list_items22", tool_fn!(list_items22)),
    ("list_items23", tool_fn!(list_items23)),
    ("list_items24", tool_fn!(list_items24)),
    ("list_items25", tool_fn!(list_items25)),
    ("list_items26", tool_fn!(list_items26)),
    ("list_items27", tool_fn!(list_items27)),
    ("list_items28", tool_fn!(list_items28)),
    ("list_items29", tool_fn!(list_items29)),
    ("list_items3", tool_fn!(list_items3)),
    ("list_items30", tool_fn!(list_items30)),
    ("list_items31", tool_fn!(list_items31)),
    ("list_items32", tool_fn!(list_items32)),
    ("list_items33", tool_fn!(list_items33)),
    ("list_items34", tool_fn!(list_items34)),
    ("list_items35", tool_fn!(list_items35)),
    ("list_items36", tool_fn!(list_items36)),
    ("list_items37", tool_fn!(list_items37)),
    ("list_items38", tool_fn!(list_items38)),
    ("list_items39", tool_fn!(list_items39)),
    ("list_items4", tool_fn!(list_items4)),
    ("list_items40", tool_fn!(list_items40)),
    ("list_items41", tool_fn!(list_items41)),
    ("list_items42", tool_fn!(list_items42)),
    ("list_items43", tool_fn!(list_items43)),
    ("list_items44", tool_fn!(list_items44)),
    ("list_items45", tool_fn!(list_items45)),
    ("list_items46", tool_fn!(list_items46)),
    ("list_items47", tool_fn!(list_items47)),
    ("list_items48", tool_fn!(list_items48)),
    ("list_items49", tool_fn!(list_items49)),
    ("list_items5", tool_fn!(list_items5)),
    ("list_items50", tool_fn!(list_items50)),
    ("list_items51", tool_fn!(list_items51)),
    ("list_items52", tool_fn!(list_items52)),
    ("list_items53", tool_fn!(list_items53)),
    ("list_items54", tool_fn!(list_items54)),
    ("list_items55", tool_fn!(list_items55)),
    ("list_items56", tool_fn!(list_items56)),
    ("list_items57", tool_fn!(list_items57)),
    ("list_items58", tool_fn!(list_items58)),
    ("list_items59", tool_fn!(list_items59)),
    ("list_items6", tool_fn!(list_items6)),
    ("list_items60", tool_fn!(list_items60)),
    ("list_items61", tool_fn!(list_items61)),
    ("list_items62", tool_fn!(list_items62)),
    ("list_items63", tool_fn!(list_items63)),
    ("list_items64", tool_fn!(list_items64)),
    ("list_items65", tool_fn!(list_items65)),
    ("list_items66", tool_fn!(list_items66)),
    ("list_items67", tool_fn!(list_items67)),
    ("list_items68", tool_fn!(list_items68)),
    ("list_items69", tool_fn!(list_items69)),
    ("list_items7", tool_fn!(list_items7)),
    ("list_items70", tool_fn!(list_items70)),
    ("list_items71", tool_fn!(list_items71)),
    ("list_items72", tool_fn!(list_items72)),
    ("list_items73", tool_fn!(list_items73)),
    ("list_items74", tool_fn!(list_items74)),
    ("list_items75", tool_fn!(list_items75)),
    ("list_items76", tool_fn!(list_items76)),
    ("list_items77", tool_fn!(list_items77)),
    ("list_items78", tool_fn!(list_items78)),
    ("list_items79", tool_fn!(list_items79)),
    ("list_items8", tool_fn!(list_items8)),
    ("list_items80", tool_fn!(list_items80)),
    ("list_items81", tool_fn!(list_items81)),
    ("list_items82", tool_fn!(list_items82)),
    ("list_items83", tool_fn!(list_items83)),
    ("list_items84", tool_fn!(list_items84)),
    ("list_items85", tool_fn!(list_items85)),
    ("list_items86", tool_fn!(list_items86)),
    ("list_items87", tool_fn!(list_items87)),
    ("list_items88", tool_fn!(list_items88)),
    ("list_items89", tool_fn!(list_items89)),
    ("list_items9", tool_fn!(list_items9)),
    ("list_items90", tool_fn!(list_items90)),
    ("list_items91", tool_fn!(list_items91)),
    ("list_items92", tool_fn!(list_items92)),
    ("list_items93", tool_fn!(list_items93)),
    ("list_items94", tool_fn!(list_items94)),
    ("list_items95", tool_fn!(list_items95)),
    ("list_items96", tool_fn!(list_items96)),
    ("list_items97", tool_fn!(list_items97)),
    ("list_items98", tool_fn!(list_items98)),
    ("list_items99", tool_fn!(list_items99)),
];

/// GET /items0
async fn list_items0(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items0().await;
    received(&client, sent)
}

/// GET /items1
async fn list_items1(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items1().await;
    received(&client, sent)
}

/// GET /items10
async fn list_items10(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items10().await;
    received(&client, sent)
}

/// GET /items100
async fn list_items100(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items100().await;
    received(&client, sent)
}

/// GET /items101
async fn list_items101(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items101().await;
    received(&client, sent)
}

/// GET /items102
async fn list_items102(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items102().await;
    received(&client, sent)
}

/// GET /items103
async fn list_items103(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items103().await;
    received(&client, sent)
}

/// GET /items104
async fn list_items104(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items104().await;
    received(&client, sent)
}

/// GET /items105
async fn list_items105(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items105().await;
    received(&client, sent)
}

/// GET /items106
async fn list_items106(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items106().await;
    received(&client, sent)
}

/// GET /items107
async fn list_items107(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items107().await;
    received(&client, sent)
}

/// GET /items108
async fn list_items108(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items108().await;
    received(&client, sent)
}

/// GET /items109
async fn list_items109(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items109().await;
    received(&client, sent)
}

/// GET /items11
async fn list_items11(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items11().await;
    received(&client, sent)
}

/// GET /items110
async fn list_items110(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items110().await;
    received(&client, sent)
}

/// GET /items111
async fn list_items111(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items111().await;
    received(&client, sent)
}

/// GET /items112
async fn list_items112(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items112().await;
    received(&client, sent)
}

/// GET /items113
async fn list_items113(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items113().await;
    received(&client, sent)
}

/// GET /items114
async fn list_items114(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items114().await;
    received(&client, sent)
}

/// GET /items115
async fn list_items115(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items115().await;
    received(&client, sent)
}

/// GET /items116
async fn list_items116(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items116().await;
    received(&client, sent)
}

/// GET /items117
async fn list_items117(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items117().await;
    received(&client, sent)
}

/// GET /items118
async fn list_items118(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items118().await;
    received(&client, sent)
}

/// GET /items119
async fn list_items119(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items119().await;
    received(&client, sent)
}

/// GET /items12
async fn list_items12(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items12().await;
    received(&client, sent)
}

/// GET /items120
async fn list_items120(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items120().await;
    received(&client, sent)
}

/// GET /items121
async fn list_items121(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items121().await;
    received(&client, sent)
}

/// GET /items122
async fn list_items122(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items122().await;
    received(&client, sent)
}

/// GET /items123
async fn list_items123(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items123().await;
    received(&client, sent)
}

/// GET /items124
async fn list_items124(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items124().await;
    received(&client, sent)
}

/// GET /items125
async fn list_items125(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items125().await;
    received(&client, sent)
}

/// GET /items126
async fn list_items126(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items126().await;
    received(&client, sent)
}

/// GET /items127
async fn list_items127(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items127().await;
    received(&client, sent)
}

/// GET /items128
async fn list_items128(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items128().await;
    received(&client, sent)
}

/// GET /items13
async fn list_items13(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items13().await;
    received(&client, sent)
}

/// GET /items14
async fn list_items14(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items14().await;
    received(&client, sent)
}

/// GET /items15
async fn list_items15(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items15().await;
    received(&client, sent)
}

/// GET /items16
async fn list_items16(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items16().await;
    received(&client, sent)
}

/// GET /items17
async fn list_items17(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items17().await;
    received(&client, sent)
}

/// GET /items18
async fn list_items18(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items18().await;
    received(&client, sent)
}

/// GET /items19
async fn list_items19(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items19().await;
    received(&client, sent)
}

/// GET /items2
async fn list_items2(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items2().await;
    received(&client, sent)
}

/// GET /items20
async fn list_items20(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items20().await;
    received(&client, sent)
}

/// GET /items21
async fn list_items21(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items21().await;
    received(&client, sent)
}

/// GET /items22
async fn list_items22(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items22().await;
    received(&client, sent)
}

/// GET /items23
async fn list_items23(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items23().await;
    received(&client, sent)
}

/// GET /items24
async fn list_items24(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items24().await;
    received(&client, sent)
}

/// GET /items25
async fn list_items25(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items25().await;
    received(&client, sent)
}

/// GET /items26
async fn list_items26(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items26().await;
    received(&client, sent)
}

/// GET /items27
async fn list_items27(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items27().await;
    received(&client, sent)
}

/// GET /items28
async fn list_items28(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items28().await;
    received(&client, sent)
}

/// GET /items29
async fn list_items29(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items29().await;
    received(&client, sent)
}

/// GET /items3
async fn list_items3(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items3().await;
    received(&client, sent)
}

/// GET /items30
async fn list_items30(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items30().await;
    received(&client, sent)
}

/// GET /items31
async fn list_items31(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items31().await;
    received(&client, sent)
}

/// GET /items32
async fn list_items32(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items32().await;
    received(&client, sent)
}

/// GET /items33
async fn list_items33(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items33().await;
    received(&client, sent)
}

/// GET /items34
async fn list_items34(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items34().await;
    received(&client, sent)
}

/// GET /items35
async fn list_items35(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items35().await;
    received(&client, sent)
}

/// GET /items36
async fn list_items36(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items36().await;
    received(&client, sent)
}

/// GET /items37
async fn list_items37(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items37().await;
    received(&client, sent)
}

/// GET /items38
async fn list_items38(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items38().await;
    received(&client, sent)
}

/// GET /items39
async fn list_items39(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items39().await;
    received(&client, sent)
}

/// GET /items4
async fn list_items4(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items4().await;
    received(&client, sent)
}

/// GET /items40
async fn list_items40(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items40().await;
    received(&client, sent)
}

/// GET /items41
async fn list_items41(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items41().await;
    received(&client, sent)
}

/// GET /items42
async fn list_items42(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items42().await;
    received(&client, sent)
}

/// GET /items43
async fn list_items43(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items43().await;
    received(&client, sent)
}

/// GET /items44
async fn list_items44(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items44().await;
    received(&client, sent)
}

/// GET /items45
async fn list_items45(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items45().await;
    received(&client, sent)
}

/// GET /items46
async fn list_items46(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items46().await;
    received(&client, sent)
}

/// GET /items47
async fn list_items47(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items47().await;
    received(&client, sent)
}

/// GET /items48
async fn list_items48(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items48().await;
    received(&client, sent)
}

/// GET /items49
async fn list_items49(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items49().await;
    received(&client, sent)
}

/// GET /items5
async fn list_items5(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items5().await;
    received(&client, sent)
}

/// GET /items50
async fn list_items50(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items50().await;
    received(&client, sent)
}

/// GET /items51
async fn list_items51(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items51().await;
    received(&client, sent)
}

/// GET /items52
async fn list_items52(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items52().await;
    received(&client, sent)
}

/// GET /items53
async fn list_items53(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items53().await;
    received(&client, sent)
}

/// GET /items54
async fn list_items54(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items54().await;
    received(&client, sent)
}

/// GET /items55
async fn list_items55(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items55().await;
    received(&client, sent)
}

/// GET /items56
async fn list_items56(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items56().await;
    received(&client, sent)
}

/// GET /items57
async fn list_items57(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items57().await;
    received(&client, sent)
}

/// GET /items58
async fn list_items58(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items58().await;
    received(&client, sent)
}

/// GET /items59
async fn list_items59(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items59().await;
    received(&client, sent)
}

/// GET /items6
async fn list_items6(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items6().await;
    received(&client, sent)
}

/// GET /items60
async fn list_items60(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items60().await;
    received(&client, sent)
}

/// GET /items61
async fn list_items61(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items61().await;
    received(&client, sent)
}

/// GET /items62
async fn list_items62(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items62().await;
    received(&client, sent)
}

/// GET /items63
async fn list_items63(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items63().await;
    received(&client, sent)
}

/// GET /items64
async fn list_items64(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items64().await;
    received(&client, sent)
}

/// GET /items65
async fn list_items65(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items65().await;
    received(&client, sent)
}

/// GET /items66
async fn list_items66(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items66().await;
    received(&client, sent)
}

/// GET /items67
async fn list_items67(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items67().await;
    received(&client, sent)
}

/// GET /items68
async fn list_items68(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items68().await;
    received(&client, sent)
}

/// GET /items69
async fn list_items69(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items69().await;
    received(&client, sent)
}

/// GET /items7
async fn list_items7(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items7().await;
    received(&client, sent)
}

/// GET /items70
async fn list_items70(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items70().await;
    received(&client, sent)
}

/// GET /items71
async fn list_items71(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items71().await;
    received(&client, sent)
}

/// GET /items72
async fn list_items72(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items72().await;
    received(&client, sent)
}

/// GET /items73
async fn list_items73(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items73().await;
    received(&client, sent)
}

/// GET /items74
async fn list_items74(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items74().await;
    received(&client, sent)
}

/// GET /items75
async fn list_items75(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items75().await;
    received(&client, sent)
}

/// GET /items76
async fn list_items76(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items76().await;
    received(&client, sent)
}

/// GET /items77
async fn list_items77(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items77().await;
    received(&client, sent)
}

/// GET /items78
async fn list_items78(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items78().await;
    received(&client, sent)
}

/// GET /items79
async fn list_items79(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items79().await;
    received(&client, sent)
}

/// GET /items8
async fn list_items8(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items8().await;
    received(&client, sent)
}

/// GET /items80
async fn list_items80(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items80().await;
    received(&client, sent)
}

/// GET /items81
async fn list_items81(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items81().await;
    received(&client, sent)
}

/// GET /items82
async fn list_items82(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items82().await;
    received(&client, sent)
}

/// GET /items83
async fn list_items83(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items83().await;
    received(&client, sent)
}

/// GET /items84
async fn list_items84(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items84().await;
    received(&client, sent)
}

/// GET /items85
async fn list_items85(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items85().await;
    received(&client, sent)
}

/// GET /items86
async fn list_items86(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items86().await;
    received(&client, sent)
}

/// GET /items87
async fn list_items87(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items87().await;
    received(&client, sent)
}

/// GET /items88
async fn list_items88(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items88().await;
    received(&client, sent)
}

/// GET /items89
async fn list_items89(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items89().await;
    received(&client, sent)
}

/// GET /items9
async fn list_items9(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items9().await;
    received(&client, sent)
}

/// GET /items90
async fn list_items90(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items90().await;
    received(&client, sent)
}

/// GET /items91
async fn list_items91(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items91().await;
    received(&client, sent)
}

/// GET /items92
async fn list_items92(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items92().await;
    received(&client, sent)
}

/// GET /items93
async fn list_items93(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items93().await;
    received(&client, sent)
}

/// GET /items94
async fn list_items94(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items94().await;
    received(&client, sent)
}

/// GET /items95
async fn list_items95(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items95().await;
    received(&client, sent)
}

/// GET /items96
async fn list_items96(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items96().await;
    received(&client, sent)
}

/// GET /items97
async fn list_items97(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items97().await;
    received(&client, sent)
}

/// GET /items98
async fn list_items98(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items98().await;
    received(&client, sent)
}

/// GET /items99
async fn list_items99(client: Client, _: Arguments) -> Reply {
    let sent = client.list_items99().await;
    received(&client, sent)
}
