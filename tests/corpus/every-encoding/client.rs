#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///`CreateItemBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct CreateItemBody {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<i64>,
        #[serde(
            rename = "isOpen",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub is_open: ::std::option::Option<bool>,
        pub name: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub price: ::std::option::Option<::serde_json::Value>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub size: ::std::option::Option<CreateItemBodySize>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tags: ::std::option::Option<::serde_json::Value>,
    }
    impl CreateItemBody {
        pub fn builder() -> builder::CreateItemBody {
            Default::default()
        }
    }
    ///`CreateItemBodySize`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct CreateItemBodySize {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub unit: ::std::option::Option<::std::string::String>,
        pub width: i64,
    }
    impl CreateItemBodySize {
        pub fn builder() -> builder::CreateItemBodySize {
            Default::default()
        }
    }
    ///`CreatePictureBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CreatePictureBody {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    impl CreatePictureBody {
        pub fn builder() -> builder::CreatePictureBody {
            Default::default()
        }
    }
    ///`CreateRelationBody`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CreateRelationBody {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    impl CreateRelationBody {
        pub fn builder() -> builder::CreateRelationBody {
            Default::default()
        }
    }
    ///`ReplaceItemsBodyItem`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct ReplaceItemsBodyItem {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    impl ReplaceItemsBodyItem {
        pub fn builder() -> builder::ReplaceItemsBodyItem {
            Default::default()
        }
    }
    ///`UpdateRelationsBodyItem`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct UpdateRelationsBodyItem {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub op: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub path: ::std::option::Option<::std::string::String>,
    }
    impl UpdateRelationsBodyItem {
        pub fn builder() -> builder::UpdateRelationsBodyItem {
            Default::default()
        }
    }
    /// Types for composing complex structures.
    pub mod builder {
        #[derive(Clone, Debug)]
        pub struct CreateItemBody {
            count: ::std::result::Result<
                ::std::option::Option<i64>,
                ::std::string::String,
            >,
            is_open: ::std::result::Result<
                ::std::option::Option<bool>,
                ::std::string::String,
            >,
            name: ::std::result::Result<::std::string::String, ::std::string::String>,
            price: ::std::result::Result<
                ::std::option::Option<::serde_json::Value>,
                ::std::string::String,
            >,
            size: ::std::result::Result<
                ::std::option::Option<super::CreateItemBodySize>,
                ::std::string::String,
            >,
            tags: ::std::result::Result<
                ::std::option::Option<::serde_json::Value>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for CreateItemBody {
            fn default() -> Self {
                Self {
                    count: Ok(Default::default()),
                    is_open: Ok(Default::default()),
                    name: Err("no value supplied for name".to_string()),
                    price: Ok(Default::default()),
                    size: Ok(Default::default()),
                    tags: Ok(Default::default()),
                }
            }
        }
        impl CreateItemBody {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<i64>>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn is_open<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<bool>>,
                T::Error: ::std::fmt::Display,
            {
                self.is_open = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for is_open: {e}")
                    });
                self
            }
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.name = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for name: {e}")
                    });
                self
            }
            pub fn price<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::serde_json::Value>>,
                T::Error: ::std::fmt::Display,
            {
                self.price = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for price: {e}")
                    });
                self
            }
            pub fn size<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<super::CreateItemBodySize>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.size = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for size: {e}")
                    });
                self
            }
            pub fn tags<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::serde_json::Value>>,
                T::Error: ::std::fmt::Display,
            {
                self.tags = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for tags: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<CreateItemBody> for super::CreateItemBody {
            type Error = super::error::ConversionError;
            fn try_from(
                value: CreateItemBody,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    is_open: value.is_open?,
                    name: value.name?,
                    price: value.price?,
                    size: value.size?,
                    tags: value.tags?,
                })
            }
        }
        impl ::std::convert::From<super::CreateItemBody> for CreateItemBody {
            fn from(value: super::CreateItemBody) -> Self {
                Self {
                    count: Ok(value.count),
                    is_open: Ok(value.is_open),
                    name: Ok(value.name),
                    price: Ok(value.price),
                    size: Ok(value.size),
                    tags: Ok(value.tags),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct CreateItemBodySize {
            unit: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            width: ::std::result::Result<i64, ::std::string::String>,
        }
        impl ::std::default::Default for CreateItemBodySize {
            fn default() -> Self {
                Self {
                    unit: Ok(Default::default()),
                    width: Err("no value supplied for width".to_string()),
                }
            }
        }
        impl CreateItemBodySize {
            pub fn unit<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.unit = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for unit: {e}")
                    });
                self
            }
            pub fn width<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<i64>,
                T::Error: ::std::fmt::Display,
            {
                self.width = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for width: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<CreateItemBodySize> for super::CreateItemBodySize {
            type Error = super::error::ConversionError;
            fn try_from(
                value: CreateItemBodySize,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    unit: value.unit?,
                    width: value.width?,
                })
            }
        }
        impl ::std::convert::From<super::CreateItemBodySize> for CreateItemBodySize {
            fn from(value: super::CreateItemBodySize) -> Self {
                Self {
                    unit: Ok(value.unit),
                    width: Ok(value.width),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct CreatePictureBody {
            name: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for CreatePictureBody {
            fn default() -> Self {
                Self {
                    name: Ok(Default::default()),
                }
            }
        }
        impl CreatePictureBody {
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.name = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for name: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<CreatePictureBody> for super::CreatePictureBody {
            type Error = super::error::ConversionError;
            fn try_from(
                value: CreatePictureBody,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { name: value.name? })
            }
        }
        impl ::std::convert::From<super::CreatePictureBody> for CreatePictureBody {
            fn from(value: super::CreatePictureBody) -> Self {
                Self { name: Ok(value.name) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct CreateRelationBody {
            name: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for CreateRelationBody {
            fn default() -> Self {
                Self {
                    name: Ok(Default::default()),
                }
            }
        }
        impl CreateRelationBody {
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.name = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for name: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<CreateRelationBody> for super::CreateRelationBody {
            type Error = super::error::ConversionError;
            fn try_from(
                value: CreateRelationBody,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { name: value.name? })
            }
        }
        impl ::std::convert::From<super::CreateRelationBody> for CreateRelationBody {
            fn from(value: super::CreateRelationBody) -> Self {
                Self { name: Ok(value.name) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ReplaceItemsBodyItem {
            name: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for ReplaceItemsBodyItem {
            fn default() -> Self {
                Self {
                    name: Ok(Default::default()),
                }
            }
        }
        impl ReplaceItemsBodyItem {
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.name = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for name: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<ReplaceItemsBodyItem>
        for super::ReplaceItemsBodyItem {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ReplaceItemsBodyItem,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { name: value.name? })
            }
        }
        impl ::std::convert::From<super::ReplaceItemsBodyItem> for ReplaceItemsBodyItem {
            fn from(value: super::ReplaceItemsBodyItem) -> Self {
                Self { name: Ok(value.name) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct UpdateRelationsBodyItem {
            op: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            path: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for UpdateRelationsBodyItem {
            fn default() -> Self {
                Self {
                    op: Ok(Default::default()),
                    path: Ok(Default::default()),
                }
            }
        }
        impl UpdateRelationsBodyItem {
            pub fn op<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.op = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for op: {e}"));
                self
            }
            pub fn path<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.path = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for path: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<UpdateRelationsBodyItem>
        for super::UpdateRelationsBodyItem {
            type Error = super::error::ConversionError;
            fn try_from(
                value: UpdateRelationsBodyItem,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    op: value.op?,
                    path: value.path?,
                })
            }
        }
        impl ::std::convert::From<super::UpdateRelationsBodyItem>
        for UpdateRelationsBodyItem {
            fn from(value: super::UpdateRelationsBodyItem) -> Self {
                Self {
                    op: Ok(value.op),
                    path: Ok(value.path),
                }
            }
        }
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for API

Version: 1*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: super::Call,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str, inner: super::Call) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap(), inner)
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: super::Call,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
impl ClientInfo<super::Call> for Client {
    fn api_version() -> &'static str {
        "1"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &super::Call {
        &self.inner
    }
}
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<super::Call>,
    {}
};
impl Client {
    /**Sends a `POST` request to `/pictures#draft`

```ignore
let response = client.create_draft()
    .send()
    .await;
```*/
    pub fn create_draft(&self) -> builder::CreateDraft<'_> {
        builder::CreateDraft::new(self)
    }
    /**Sends a `PUT` request to `/items`

```ignore
let response = client.replace_items()
    .body(body)
    .send()
    .await;
```*/
    pub fn replace_items(&self) -> builder::ReplaceItems<'_> {
        builder::ReplaceItems::new(self)
    }
    /**Sends a `POST` request to `/items`

```ignore
let response = client.create_item()
    .body(body)
    .send()
    .await;
```*/
    pub fn create_item(&self) -> builder::CreateItem<'_> {
        builder::CreateItem::new(self)
    }
    /**Sends a `POST` request to `/notes`

```ignore
let response = client.create_note()
    .content_type(content_type)
    .body(body)
    .send()
    .await;
```*/
    pub fn create_note(&self) -> builder::CreateNote<'_> {
        builder::CreateNote::new(self)
    }
    /**Sends a `POST` request to `/pictures`

```ignore
let response = client.create_picture()
    .body(body)
    .send()
    .await;
```*/
    pub fn create_picture(&self) -> builder::CreatePicture<'_> {
        builder::CreatePicture::new(self)
    }
    /**Sends a `GET` request to `/items/{idItem}/relations`

```ignore
let response = client.export_relations()
    .id_item(id_item)
    .team_ids(team_ids)
    .send()
    .await;
```*/
    pub fn export_relations(&self) -> builder::ExportRelations<'_> {
        builder::ExportRelations::new(self)
    }
    /**Sends a `PUT` request to `/items/{idItem}/relations`

```ignore
let response = client.import_relations()
    .id_item(id_item)
    .content_type(content_type)
    .body(body)
    .send()
    .await;
```*/
    pub fn import_relations(&self) -> builder::ImportRelations<'_> {
        builder::ImportRelations::new(self)
    }
    /**Sends a `POST` request to `/items/{idItem}/relations`

```ignore
let response = client.create_relation()
    .id_item(id_item)
    .body(body)
    .send()
    .await;
```*/
    pub fn create_relation(&self) -> builder::CreateRelation<'_> {
        builder::CreateRelation::new(self)
    }
    /**Sends a `DELETE` request to `/items/{idItem}/relations`

```ignore
let response = client.list_relation_methods()
    .id_item(id_item)
    .send()
    .await;
```*/
    pub fn list_relation_methods(&self) -> builder::ListRelationMethods<'_> {
        builder::ListRelationMethods::new(self)
    }
    /**Sends a `HEAD` request to `/items/{idItem}/relations`

```ignore
let response = client.trace_relations()
    .id_item(id_item)
    .send()
    .await;
```*/
    pub fn trace_relations(&self) -> builder::TraceRelations<'_> {
        builder::TraceRelations::new(self)
    }
    /**Sends a `PATCH` request to `/items/{idItem}/relations`

```ignore
let response = client.update_relations()
    .id_item(id_item)
    .body(body)
    .send()
    .await;
```*/
    pub fn update_relations(&self) -> builder::UpdateRelations<'_> {
        builder::UpdateRelations::new(self)
    }
    /**Sends a `POST` request to `/searches`

```ignore
let response = client.create_search()
    .content_type(content_type)
    .body(body)
    .send()
    .await;
```*/
    pub fn create_search(&self) -> builder::CreateSearch<'_> {
        builder::CreateSearch::new(self)
    }
    /**Sends a `GET` request to `/items/{idItem}/parts/{idPart}`

```ignore
let response = client.get_part()
    .id_item(id_item)
    .id_part(id_part)
    .color(color)
    .fields(fields)
    .filters(filters)
    .ids(ids)
    .is_open(is_open)
    .name(name)
    .price(price)
    .shade(shade)
    .size(size)
    .sizes(sizes)
    .status(status)
    .tags(tags)
    .where_(where_)
    .words(words)
    .x_api_version(x_api_version)
    .x_range(x_range)
    .x_shops(x_shops)
    .x_trace(x_trace)
    .send()
    .await;
```*/
    pub fn get_part(&self) -> builder::GetPart<'_> {
        builder::GetPart::new(self)
    }
    /**Sends a `GET` request to `/ranges/{ids}/{range}/{path_shade}`

```ignore
let response = client.get_range()
    .ids(ids)
    .range(range)
    .path_shade(path_shade)
    .shade(shade)
    .send()
    .await;
```*/
    pub fn get_range(&self) -> builder::GetRange<'_> {
        builder::GetRange::new(self)
    }
    /**Sends a `PUT` request to `/items/{idItem}`

```ignore
let response = client.replace_item()
    .id_item(id_item)
    .body(body)
    .send()
    .await;
```*/
    pub fn replace_item(&self) -> builder::ReplaceItem<'_> {
        builder::ReplaceItem::new(self)
    }
    /**Sends a `PATCH` request to `/items/{idItem}`

```ignore
let response = client.update_item()
    .id_item(id_item)
    .body(body)
    .send()
    .await;
```*/
    pub fn update_item(&self) -> builder::UpdateItem<'_> {
        builder::UpdateItem::new(self)
    }
    /**Sends a `POST` request to `/files`

```ignore
let response = client.upload_file()
    .content_type(content_type)
    .body(body)
    .send()
    .await;
```*/
    pub fn upload_file(&self) -> builder::UploadFile<'_> {
        builder::UploadFile::new(self)
    }
}
/// Types for composing operation parameters.
#[allow(clippy::all)]
pub mod builder {
    use super::types;
    #[allow(unused_imports)]
    use super::{
        encode_path, ByteStream, ClientInfo, ClientHooks, Error, OperationInfo,
        RequestBuilderExt, ResponseValue,
    };
    /**Builder for [`Client::create_draft`]

[`Client::create_draft`]: super::Client::create_draft*/
    #[derive(Debug, Clone)]
    pub struct CreateDraft<'a> {
        client: &'a super::Client,
    }
    impl<'a> CreateDraft<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `POST` request to `/pictures#draft`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client } = self;
            let url = format!("{}/pictures#draft", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client.client.post(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "create_draft",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::replace_items`]

[`Client::replace_items`]: super::Client::replace_items*/
    #[derive(Debug, Clone)]
    pub struct ReplaceItems<'a> {
        client: &'a super::Client,
        body: Result<::std::vec::Vec<types::ReplaceItemsBodyItem>, String>,
    }
    impl<'a> ReplaceItems<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::vec::Vec<types::ReplaceItemsBodyItem>>,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: vec :: Vec < ReplaceItemsBodyItem >` for body failed"
                        .to_string()
                });
            self
        }
        ///Sends a `PUT` request to `/items`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, body } = self;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!("{}/items", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .put(url)
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "replace_items",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::create_item`]

[`Client::create_item`]: super::Client::create_item*/
    #[derive(Debug, Clone)]
    pub struct CreateItem<'a> {
        client: &'a super::Client,
        body: Result<types::builder::CreateItemBody, String>,
    }
    impl<'a> CreateItem<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::CreateItemBody>,
            <V as std::convert::TryInto<
                types::CreateItemBody,
            >>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `CreateItemBody` for body failed: {}", s)
                });
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(
                types::builder::CreateItemBody,
            ) -> types::builder::CreateItemBody,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/items`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| {
                    types::CreateItemBody::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/items", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "create_item",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::create_note`]

[`Client::create_note`]: super::Client::create_note*/
    #[derive(Debug)]
    pub struct CreateNote<'a> {
        client: &'a super::Client,
        content_type: Result<::std::string::String, String>,
        body: Result<reqwest::Body, String>,
    }
    impl<'a> CreateNote<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                content_type: Err("content_type was not initialized".to_string()),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn content_type<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.content_type = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for content_type failed"
                        .to_string()
                });
            self
        }
        pub fn body<B>(mut self, value: B) -> Self
        where
            B: std::convert::TryInto<reqwest::Body>,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `reqwest::Body` for body failed".to_string()
                });
            self
        }
        ///Sends a `POST` request to `/notes`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, content_type, body } = self;
            let content_type = content_type.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!("{}/notes", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            header_map.append("content-type", content_type.to_string().try_into()?);
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "create_note",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::create_picture`]

[`Client::create_picture`]: super::Client::create_picture*/
    #[derive(Debug, Clone)]
    pub struct CreatePicture<'a> {
        client: &'a super::Client,
        body: Result<types::builder::CreatePictureBody, String>,
    }
    impl<'a> CreatePicture<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::CreatePictureBody>,
            <V as std::convert::TryInto<
                types::CreatePictureBody,
            >>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `CreatePictureBody` for body failed: {}", s)
                });
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(
                types::builder::CreatePictureBody,
            ) -> types::builder::CreatePictureBody,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/pictures`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| {
                    types::CreatePictureBody::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/pictures", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "create_picture",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::export_relations`]

[`Client::export_relations`]: super::Client::export_relations*/
    #[derive(Debug, Clone)]
    pub struct ExportRelations<'a> {
        client: &'a super::Client,
        id_item: Result<i64, String>,
        team_ids: Result<Option<::std::vec::Vec<i64>>, String>,
    }
    impl<'a> ExportRelations<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
                team_ids: Ok(None),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_item failed".to_string());
            self
        }
        pub fn team_ids<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::vec::Vec<i64>>,
        {
            self.team_ids = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: vec :: Vec < i64 >` for team_ids failed"
                        .to_string()
                });
            self
        }
        ///Sends a `GET` request to `/items/{idItem}/relations`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, id_item, team_ids } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let team_ids = team_ids.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}/relations", client.baseurl, encode_path(& id_item
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("team_ids[]", &team_ids))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "export_relations",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::import_relations`]

[`Client::import_relations`]: super::Client::import_relations*/
    #[derive(Debug)]
    pub struct ImportRelations<'a> {
        client: &'a super::Client,
        id_item: Result<i64, String>,
        content_type: Result<::std::string::String, String>,
        body: Result<reqwest::Body, String>,
    }
    impl<'a> ImportRelations<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
                content_type: Err("content_type was not initialized".to_string()),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_item failed".to_string());
            self
        }
        pub fn content_type<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.content_type = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for content_type failed"
                        .to_string()
                });
            self
        }
        pub fn body<B>(mut self, value: B) -> Self
        where
            B: std::convert::TryInto<reqwest::Body>,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `reqwest::Body` for body failed".to_string()
                });
            self
        }
        ///Sends a `PUT` request to `/items/{idItem}/relations`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, id_item, content_type, body } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let content_type = content_type.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}/relations", client.baseurl, encode_path(& id_item
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            header_map.append("content-type", content_type.to_string().try_into()?);
            #[allow(unused_mut)]
            let mut request = client
                .client
                .put(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "import_relations",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::create_relation`]

[`Client::create_relation`]: super::Client::create_relation*/
    #[derive(Debug, Clone)]
    pub struct CreateRelation<'a> {
        client: &'a super::Client,
        id_item: Result<i64, String>,
        body: Result<types::builder::CreateRelationBody, String>,
    }
    impl<'a> CreateRelation<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_item failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::CreateRelationBody>,
            <V as std::convert::TryInto<
                types::CreateRelationBody,
            >>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `CreateRelationBody` for body failed: {}", s)
                });
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(
                types::builder::CreateRelationBody,
            ) -> types::builder::CreateRelationBody,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/items/{idItem}/relations`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, id_item, body } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| {
                    types::CreateRelationBody::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}/relations", client.baseurl, encode_path(& id_item
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "create_relation",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::list_relation_methods`]

[`Client::list_relation_methods`]: super::Client::list_relation_methods*/
    #[derive(Debug, Clone)]
    pub struct ListRelationMethods<'a> {
        client: &'a super::Client,
        id_item: Result<i64, String>,
    }
    impl<'a> ListRelationMethods<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_item failed".to_string());
            self
        }
        ///Sends a `DELETE` request to `/items/{idItem}/relations`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, id_item } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}/relations", client.baseurl, encode_path(& id_item
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client.client.delete(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "list_relation_methods",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::trace_relations`]

[`Client::trace_relations`]: super::Client::trace_relations*/
    #[derive(Debug, Clone)]
    pub struct TraceRelations<'a> {
        client: &'a super::Client,
        id_item: Result<i64, String>,
    }
    impl<'a> TraceRelations<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_item failed".to_string());
            self
        }
        ///Sends a `HEAD` request to `/items/{idItem}/relations`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, id_item } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}/relations", client.baseurl, encode_path(& id_item
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client.client.head(url).headers(header_map).build()?;
            let info = OperationInfo {
                operation_id: "trace_relations",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::update_relations`]

[`Client::update_relations`]: super::Client::update_relations*/
    #[derive(Debug, Clone)]
    pub struct UpdateRelations<'a> {
        client: &'a super::Client,
        id_item: Result<i64, String>,
        body: Result<::std::vec::Vec<types::UpdateRelationsBodyItem>, String>,
    }
    impl<'a> UpdateRelations<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_item failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::vec::Vec<types::UpdateRelationsBodyItem>>,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: vec :: Vec < UpdateRelationsBodyItem >` for body failed"
                        .to_string()
                });
            self
        }
        ///Sends a `PATCH` request to `/items/{idItem}/relations`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, id_item, body } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}/relations", client.baseurl, encode_path(& id_item
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .patch(url)
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "update_relations",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::create_search`]

[`Client::create_search`]: super::Client::create_search*/
    #[derive(Debug)]
    pub struct CreateSearch<'a> {
        client: &'a super::Client,
        content_type: Result<::std::string::String, String>,
        body: Result<reqwest::Body, String>,
    }
    impl<'a> CreateSearch<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                content_type: Err("content_type was not initialized".to_string()),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn content_type<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.content_type = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for content_type failed"
                        .to_string()
                });
            self
        }
        pub fn body<B>(mut self, value: B) -> Self
        where
            B: std::convert::TryInto<reqwest::Body>,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `reqwest::Body` for body failed".to_string()
                });
            self
        }
        ///Sends a `POST` request to `/searches`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, content_type, body } = self;
            let content_type = content_type.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!("{}/searches", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            header_map.append("content-type", content_type.to_string().try_into()?);
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "create_search",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::get_part`]

[`Client::get_part`]: super::Client::get_part*/
    #[derive(Debug, Clone)]
    pub struct GetPart<'a> {
        client: &'a super::Client,
        id_item: Result<::std::string::String, String>,
        id_part: Result<i64, String>,
        color: Result<
            Option<::serde_json::Map<::std::string::String, ::serde_json::Value>>,
            String,
        >,
        fields: Result<Option<::std::string::String>, String>,
        filters: Result<Option<::std::string::String>, String>,
        ids: Result<Option<::std::vec::Vec<i64>>, String>,
        is_open: Result<Option<bool>, String>,
        name: Result<::std::string::String, String>,
        price: Result<Option<::std::string::String>, String>,
        shade: Result<Option<::std::string::String>, String>,
        size: Result<Option<i64>, String>,
        sizes: Result<Option<::std::vec::Vec<i64>>, String>,
        status: Result<Option<::std::vec::Vec<::std::string::String>>, String>,
        tags: Result<Option<::std::string::String>, String>,
        where_: Result<
            Option<::serde_json::Map<::std::string::String, ::serde_json::Value>>,
            String,
        >,
        words: Result<Option<::std::string::String>, String>,
        x_api_version: Result<Option<::std::string::String>, String>,
        x_range: Result<Option<::std::string::String>, String>,
        x_shops: Result<Option<::std::string::String>, String>,
        x_trace: Result<Option<i64>, String>,
    }
    impl<'a> GetPart<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
                id_part: Err("id_part was not initialized".to_string()),
                color: Ok(None),
                fields: Ok(None),
                filters: Ok(None),
                ids: Ok(None),
                is_open: Ok(None),
                name: Err("name was not initialized".to_string()),
                price: Ok(None),
                shade: Ok(None),
                size: Ok(None),
                sizes: Ok(None),
                status: Ok(None),
                tags: Ok(None),
                where_: Ok(None),
                words: Ok(None),
                x_api_version: Ok(None),
                x_range: Ok(None),
                x_shops: Ok(None),
                x_trace: Ok(None),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for id_item failed"
                        .to_string()
                });
            self
        }
        pub fn id_part<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_part = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_part failed".to_string());
            self
        }
        pub fn color<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        {
            self.color = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: serde_json :: Map < :: std :: string :: String , :: serde_json :: Value >` for color failed"
                        .to_string()
                });
            self
        }
        pub fn fields<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.fields = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for fields failed"
                        .to_string()
                });
            self
        }
        pub fn filters<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.filters = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for filters failed"
                        .to_string()
                });
            self
        }
        pub fn ids<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::vec::Vec<i64>>,
        {
            self.ids = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: vec :: Vec < i64 >` for ids failed"
                        .to_string()
                });
            self
        }
        pub fn is_open<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<bool>,
        {
            self.is_open = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `bool` for is_open failed".to_string());
            self
        }
        pub fn name<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.name = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for name failed"
                        .to_string()
                });
            self
        }
        pub fn price<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.price = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for price failed"
                        .to_string()
                });
            self
        }
        pub fn shade<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.shade = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for shade failed"
                        .to_string()
                });
            self
        }
        pub fn size<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.size = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for size failed".to_string());
            self
        }
        pub fn sizes<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::vec::Vec<i64>>,
        {
            self.sizes = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: vec :: Vec < i64 >` for sizes failed"
                        .to_string()
                });
            self
        }
        pub fn status<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::vec::Vec<::std::string::String>>,
        {
            self.status = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: vec :: Vec < :: std :: string :: String >` for status failed"
                        .to_string()
                });
            self
        }
        pub fn tags<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.tags = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for tags failed"
                        .to_string()
                });
            self
        }
        pub fn where_<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        {
            self.where_ = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: serde_json :: Map < :: std :: string :: String , :: serde_json :: Value >` for where_ failed"
                        .to_string()
                });
            self
        }
        pub fn words<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.words = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for words failed"
                        .to_string()
                });
            self
        }
        pub fn x_api_version<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.x_api_version = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for x_api_version failed"
                        .to_string()
                });
            self
        }
        pub fn x_range<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.x_range = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for x_range failed"
                        .to_string()
                });
            self
        }
        pub fn x_shops<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.x_shops = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for x_shops failed"
                        .to_string()
                });
            self
        }
        pub fn x_trace<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.x_trace = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for x_trace failed".to_string());
            self
        }
        ///Sends a `GET` request to `/items/{idItem}/parts/{idPart}`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self {
                client,
                id_item,
                id_part,
                color,
                fields,
                filters,
                ids,
                is_open,
                name,
                price,
                shade,
                size,
                sizes,
                status,
                tags,
                where_,
                words,
                x_api_version,
                x_range,
                x_shops,
                x_trace,
            } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let id_part = id_part.map_err(Error::InvalidRequest)?;
            let color = color.map_err(Error::InvalidRequest)?;
            let fields = fields.map_err(Error::InvalidRequest)?;
            let filters = filters.map_err(Error::InvalidRequest)?;
            let ids = ids.map_err(Error::InvalidRequest)?;
            let is_open = is_open.map_err(Error::InvalidRequest)?;
            let name = name.map_err(Error::InvalidRequest)?;
            let price = price.map_err(Error::InvalidRequest)?;
            let shade = shade.map_err(Error::InvalidRequest)?;
            let size = size.map_err(Error::InvalidRequest)?;
            let sizes = sizes.map_err(Error::InvalidRequest)?;
            let status = status.map_err(Error::InvalidRequest)?;
            let tags = tags.map_err(Error::InvalidRequest)?;
            let where_ = where_.map_err(Error::InvalidRequest)?;
            let words = words.map_err(Error::InvalidRequest)?;
            let x_api_version = x_api_version.map_err(Error::InvalidRequest)?;
            let x_range = x_range.map_err(Error::InvalidRequest)?;
            let x_shops = x_shops.map_err(Error::InvalidRequest)?;
            let x_trace = x_trace.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}/parts/{}", client.baseurl, encode_path(& id_item
                .to_string()), encode_path(& id_part.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(5usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            if let Some(value) = x_api_version {
                header_map.append("X-Api.Version", value.to_string().try_into()?);
            }
            if let Some(value) = x_range {
                header_map.append("X-Range", value.to_string().try_into()?);
            }
            if let Some(value) = x_shops {
                header_map.append("X-Shops", value.to_string().try_into()?);
            }
            if let Some(value) = x_trace {
                header_map.append("X-Trace", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("color", &color))
                .query(&progenitor_client::QueryParam::new("fields", &fields))
                .query(&progenitor_client::QueryParam::new("filters", &filters))
                .query(&progenitor_client::QueryParam::new("ids", &ids))
                .query(&progenitor_client::QueryParam::new("isOpen", &is_open))
                .query(&progenitor_client::QueryParam::new("name", &name))
                .query(&progenitor_client::QueryParam::new("price", &price))
                .query(&progenitor_client::QueryParam::new("shade", &shade))
                .query(&progenitor_client::QueryParam::new("size", &size))
                .query(&progenitor_client::QueryParam::new("sizes", &sizes))
                .query(&progenitor_client::QueryParam::new("status", &status))
                .query(&progenitor_client::QueryParam::new("tags", &tags))
                .query(&progenitor_client::QueryParam::new("where", &where_))
                .query(&progenitor_client::QueryParam::new("words", &words))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "get_part",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::get_range`]

[`Client::get_range`]: super::Client::get_range*/
    #[derive(Debug, Clone)]
    pub struct GetRange<'a> {
        client: &'a super::Client,
        ids: Result<::std::string::String, String>,
        range: Result<::std::string::String, String>,
        path_shade: Result<::std::string::String, String>,
        shade: Result<Option<i64>, String>,
    }
    impl<'a> GetRange<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                ids: Err("ids was not initialized".to_string()),
                range: Err("range was not initialized".to_string()),
                path_shade: Err("path_shade was not initialized".to_string()),
                shade: Ok(None),
            }
        }
        pub fn ids<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.ids = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for ids failed"
                        .to_string()
                });
            self
        }
        pub fn range<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.range = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for range failed"
                        .to_string()
                });
            self
        }
        pub fn path_shade<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.path_shade = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for path_shade failed"
                        .to_string()
                });
            self
        }
        pub fn shade<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.shade = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for shade failed".to_string());
            self
        }
        ///Sends a `GET` request to `/ranges/{ids}/{range}/{path_shade}`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, ids, range, path_shade, shade } = self;
            let ids = ids.map_err(Error::InvalidRequest)?;
            let range = range.map_err(Error::InvalidRequest)?;
            let path_shade = path_shade.map_err(Error::InvalidRequest)?;
            let shade = shade.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/ranges/{}/{}/{}", client.baseurl, encode_path(& ids.to_string()),
                encode_path(& range.to_string()), encode_path(& path_shade.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .query(&progenitor_client::QueryParam::new("shade", &shade))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "get_range",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::replace_item`]

[`Client::replace_item`]: super::Client::replace_item*/
    #[derive(Debug, Clone)]
    pub struct ReplaceItem<'a> {
        client: &'a super::Client,
        id_item: Result<i64, String>,
        body: Result<
            ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            String,
        >,
    }
    impl<'a> ReplaceItem<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_item failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: serde_json :: Map < :: std :: string :: String , :: serde_json :: Value >` for body failed"
                        .to_string()
                });
            self
        }
        ///Sends a `PUT` request to `/items/{idItem}`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, id_item, body } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}", client.baseurl, encode_path(& id_item.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .put(url)
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "replace_item",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::update_item`]

[`Client::update_item`]: super::Client::update_item*/
    #[derive(Debug, Clone)]
    pub struct UpdateItem<'a> {
        client: &'a super::Client,
        id_item: Result<i64, String>,
        body: Result<
            ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            String,
        >,
    }
    impl<'a> UpdateItem<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                id_item: Err("id_item was not initialized".to_string()),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn id_item<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.id_item = value
                .try_into()
                .map_err(|_| "conversion to `i64` for id_item failed".to_string());
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: serde_json :: Map < :: std :: string :: String , :: serde_json :: Value >` for body failed"
                        .to_string()
                });
            self
        }
        ///Sends a `PATCH` request to `/items/{idItem}`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, id_item, body } = self;
            let id_item = id_item.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/items/{}", client.baseurl, encode_path(& id_item.to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .patch(url)
                .json(&body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "update_item",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
    /**Builder for [`Client::upload_file`]

[`Client::upload_file`]: super::Client::upload_file*/
    #[derive(Debug)]
    pub struct UploadFile<'a> {
        client: &'a super::Client,
        content_type: Result<::std::string::String, String>,
        body: Result<reqwest::Body, String>,
    }
    impl<'a> UploadFile<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                content_type: Err("content_type was not initialized".to_string()),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn content_type<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.content_type = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for content_type failed"
                        .to_string()
                });
            self
        }
        pub fn body<B>(mut self, value: B) -> Self
        where
            B: std::convert::TryInto<reqwest::Body>,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `reqwest::Body` for body failed".to_string()
                });
            self
        }
        ///Sends a `POST` request to `/files`
        pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let Self { client, content_type, body } = self;
            let content_type = content_type.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!("{}/files", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            header_map.append("content-type", content_type.to_string().try_into()?);
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static(
                        "application/octet-stream",
                    ),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "upload_file",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => Ok(ResponseValue::stream(response)),
                _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
            }
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    pub use self::super::Client;
}
