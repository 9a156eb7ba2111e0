use ::openapi_mcp::{
    tool_error::ToolError as Error,
    typed::{Connection, File, Fit, Json, Number, Typed, choice, object},
};
use ::serde_json::{Map, Value};
use ::std::collections::BTreeMap;

/// The client: each function calls the tool of the same name.
#[derive(Clone, Debug)]
pub struct Client(Connection);

impl From<Connection> for Client {
    fn from(connection: Connection) -> Self {
        Self(connection)
    }
}

impl Client {
    /// Create item.
    ///
    /// Does what `post /items` does.
    pub async fn create_item(
        &self,
        name: String,
        type_: String,
        options: CreateItemOptions,
    ) -> Result<CreateItemResponse, Error> {
        self.0
            .call("create_item")
            .with("name", name)
            .with("type", type_)
            .with_option("price", options.price)
            .with_all(options.other)
            .send()
            .await
    }
    /// Delete item.
    ///
    /// Does what `delete /items/{id}` does.
    pub async fn delete_item(&self, id: i64) -> Result<Json, Error> {
        self.0.call("delete_item").with("id", id).send().await
    }
    /// Get picture.
    ///
    /// Does what `get /items/{id}/picture` does.
    pub async fn get_picture(&self, id: i64) -> Result<File, Error> {
        self.0.call("get_picture").with("id", id).send().await
    }
    /// Get tree.
    ///
    /// Does what `get /tree` does.
    pub async fn get_tree(&self) -> Result<Category, Error> {
        self.0.call("get_tree").send().await
    }
    /// List items.
    ///
    /// Does what `get /items` does.
    pub async fn list_items(
        &self,
        required: String,
        options: ListItemsOptions,
    ) -> Result<ItemPage, Error> {
        self.0
            .call("list_items")
            .with("required", required)
            .with_option("size", options.size)
            .with_option("sort", options.sort)
            .with_option("tags", options.tags)
            .with_option("max-price", options.max_price)
            .with_option("sent", options.sent)
            .with_option("arguments", options.arguments)
            .with_option("where", options.where_)
            .send()
            .await
    }
    /// List names.
    ///
    /// Does what `get /names` does.
    pub async fn list_names(&self) -> Result<ListNamesResponse, Error> {
        self.0.call("list_names").send().await
    }
}

/// The optional arguments of [`Client::create_item`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateItemOptions {
    /// `price` in the API.
    pub price: Option<Number>,
    /// Further members of the body.
    pub other: Map<String, Value>,
}

/// The optional arguments of [`Client::list_items`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListItemsOptions {
    /// How many items to return.
    pub size: Option<i64>,
    /// `sort` in the API. One of `"name"`, `"price"`.
    pub sort: Option<String>,
    /// `tags` in the API.
    pub tags: Option<Vec<String>>,
    /// `max-price` in the API.
    pub max_price: Option<Number>,
    /// A word that the generated functions use.
    pub sent: Option<String>,
    /// `arguments` in the API.
    pub arguments: Option<Vec<i64>>,
    /// `where` in the API.
    pub where_: Option<Value>,
}

/// Category, as the API returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Category {
    /// `name` in the API.
    pub name: Option<String>,
    /// `parent` in the API.
    pub parent: Option<Box<Category>>,
    /// `children` in the API.
    pub children: Option<Vec<Category>>,
    /// `String` in the API.
    pub string: Option<String2>,
    /// All other members, and what is of another kind than documented.
    pub other: BTreeMap<String, Json>,
}

impl Typed for Category {
    fn read(json: &str) -> Fit<Self> {
        object(
            json,
            |members| Self {
                name: members.take("name"),
                parent: members.take("parent"),
                children: members.take("children"),
                string: members.take("String"),
                other: members.rest(),
            },
        )
    }
}

/// CreateItemResponse, as the API returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateItemResponse {
    /// Something to buy.
    pub item: Option<Item>,
    /// Not the other members.
    pub other2: Option<String>,
    /// All other members, and what is of another kind than documented.
    pub other: BTreeMap<String, Json>,
}

impl Typed for CreateItemResponse {
    fn read(json: &str) -> Fit<Self> {
        object(
            json,
            |members| Self {
                item: members.take("item"),
                other2: members.take("other"),
                other: members.rest(),
            },
        )
    }
}

/// Something to buy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// `id` in the API.
    pub id: Option<Number>,
    /// `name` in the API.
    pub name: Option<String>,
    /// Whether it can be bought.
    pub state: Option<State>,
    /// `price` in the API.
    pub price: Option<Number>,
    /// `isSold` in the API.
    pub is_sold: Option<bool>,
    /// `tags` in the API.
    pub tags: Option<Vec<String>>,
    /// A word that Rust has a meaning for.
    pub type_: Option<String>,
    /// `size` in the API.
    pub size: Option<Json>,
    /// `owner` in the API.
    pub owner: Option<ItemOwner>,
    /// `signs` in the API.
    pub signs: Option<String>,
    /// The same name in Rust.
    pub is_sold2: Option<String>,
    /// All other members, and what is of another kind than documented.
    pub other: BTreeMap<String, Json>,
}

impl Typed for Item {
    fn read(json: &str) -> Fit<Self> {
        object(
            json,
            |members| Self {
                id: members.take("id"),
                name: members.take("name"),
                state: members.take("state"),
                price: members.take("price"),
                is_sold: members.take("isSold"),
                tags: members.take("tags"),
                type_: members.take("type"),
                size: members.take("size"),
                owner: members.take("owner"),
                signs: members.take("signs"),
                is_sold2: members.take("is_sold"),
                other: members.rest(),
            },
        )
    }
}

/// ItemOwner, as the API returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemOwner {
    /// `email` in the API.
    pub email: Option<String>,
    /// `name` in the API.
    pub name: Option<String>,
    /// `taxNumber` in the API.
    pub tax_number: Option<String>,
    /// All other members, and what is of another kind than documented.
    pub other: BTreeMap<String, Json>,
}

impl Typed for ItemOwner {
    fn read(json: &str) -> Fit<Self> {
        object(
            json,
            |members| Self {
                email: members.take("email"),
                name: members.take("name"),
                tax_number: members.take("taxNumber"),
                other: members.rest(),
            },
        )
    }
}

/// ItemPage, as the API returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemPage {
    /// `items` in the API.
    pub items: Option<Vec<Item>>,
    /// How many items there are, on all pages.
    pub total: Option<Number>,
    /// `facets` in the API.
    pub facets: Option<BTreeMap<String, Vec<ItemPageFacetsValueItem>>>,
    /// All other members, and what is of another kind than documented.
    pub other: BTreeMap<String, Json>,
}

impl Typed for ItemPage {
    fn read(json: &str) -> Fit<Self> {
        object(
            json,
            |members| Self {
                items: members.take("items"),
                total: members.take("total"),
                facets: members.take("facets"),
                other: members.rest(),
            },
        )
    }
}

/// ItemPageFacetsValueItem, as the API returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemPageFacetsValueItem {
    /// `value` in the API.
    pub value: Option<String>,
    /// `count` in the API.
    pub count: Option<Number>,
    /// All other members, and what is of another kind than documented.
    pub other: BTreeMap<String, Json>,
}

impl Typed for ItemPageFacetsValueItem {
    fn read(json: &str) -> Fit<Self> {
        object(
            json,
            |members| Self {
                value: members.take("value"),
                count: members.take("count"),
                other: members.rest(),
            },
        )
    }
}

/// The items that the API returns as a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListNamesResponse {
    /// The items.
    pub items: Option<Vec<String>>,
    /// All other members, and what is of another kind than documented.
    pub other: BTreeMap<String, Json>,
}

impl Typed for ListNamesResponse {
    fn read(json: &str) -> Fit<Self> {
        object(
            json,
            |members| Self {
                items: members.take("items"),
                other: members.rest(),
            },
        )
    }
}

/// Whether it can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// `for-sale`
    ForSale,
    /// `sold out`
    SoldOut,
    /// `404`
    _404,
    /// A value that the document does not have.
    Other(String),
}

impl State {
    /// The value as the API writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::ForSale => "for-sale",
            Self::SoldOut => "sold out",
            Self::_404 => "404",
            Self::Other(value) => value,
        }
    }
}

impl Typed for State {
    fn read(json: &str) -> Fit<Self> {
        choice(
            json,
            |value| match value {
                "for-sale" => Self::ForSale,
                "sold out" => Self::SoldOut,
                "404" => Self::_404,
                other => Self::Other(other.to_owned()),
            },
        )
    }
}

/// String2, as the API returns it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct String2 {
    /// `value` in the API.
    pub value: Option<Json>,
    /// All other members, and what is of another kind than documented.
    pub other: BTreeMap<String, Json>,
}

impl Typed for String2 {
    fn read(json: &str) -> Fit<Self> {
        object(
            json,
            |members| Self {
                value: members.take("value"),
                other: members.rest(),
            },
        )
    }
}
