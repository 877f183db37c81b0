//! The files of the demo's project. Must not know where they are put.

/// Resources with a schema: singular, fields.
const RESOURCES: &[(&str, &[(&str, &str)])] = &[
    ("User", &[("id", "string"), ("name", "string"), ("limit", "number")]),
    ("Account", &[("id", "string"), ("plan", "string"), ("limit", "number")]),
    ("Order", &[("id", "string"), ("total", "number"), ("limit", "number")]),
    ("Cart", &[("id", "string"), ("count", "number"), ("limit", "number")]),
    ("Product", &[("id", "string"), ("title", "string"), ("limit", "number")]),
    ("Invoice", &[("id", "string"), ("due", "string"), ("limit", "number")]),
    ("Shipment", &[("id", "string"), ("carrier", "string"), ("limit", "number")]),
    ("Review", &[("id", "string"), ("stars", "number"), ("limit", "number")]),
    ("Coupon", &[("id", "string"), ("percent", "number"), ("limit", "number")]),
    ("Session", &[("id", "string"), ("started", "string"), ("limit", "number")]),
    ("Message", &[("id", "string"), ("text", "string"), ("limit", "number")]),
    ("Report", &[("id", "string"), ("month", "string"), ("limit", "number")]),
    ("Stock", &[("id", "string"), ("level", "number"), ("limit", "number")]),
    ("Webhook", &[("id", "string"), ("url", "string"), ("limit", "number")]),
];

/// Endpoints: file name without `.js`, what it reads, index into [`RESOURCES`].
const ENDPOINTS: &[(&str, &str, usize)] = &[
    ("account-billing", "the billing data of an account", 1),
    ("account-limits", "the limits of an account", 1),
    ("account-members", "the members of an account", 1),
    ("account-plan", "the plan of an account", 1),
    ("cart-checkout", "a cart that is about to be paid", 3),
    ("cart-items", "what lies in a cart", 3),
    ("cart-shipping", "the ways to ship a cart", 3),
    ("cart-totals", "the totals of a cart", 3),
    ("coupon-check", "whether a coupon still counts", 8),
    ("coupon-history", "the uses of a coupon", 8),
    ("coupon-list", "the coupons there are", 8),
    ("invoice-archive", "invoices of earlier years", 5),
    ("invoice-list", "the invoices of an account", 5),
    ("invoice-pdf", "an invoice as it is printed", 5),
    ("invoice-reminders", "the reminders of an invoice", 5),
    ("message-inbox", "the messages of a user", 10),
    ("message-outbox", "the messages a user sent", 10),
    ("message-thread", "a conversation", 10),
    ("order-cancel", "an order that is to be cancelled", 2),
    ("order-details", "one order", 2),
    ("order-list", "the orders of a user", 2),
    ("order-tracking", "where an order is", 2),
    ("product-details", "one product", 4),
    ("product-images", "the pictures of a product", 4),
    ("product-list", "the products of a shop", 4),
    ("product-search", "products by words", 4),
    ("report-revenue", "the revenue of a month", 11),
    ("report-taxes", "the taxes of a month", 11),
    ("report-traffic", "the visits of a month", 11),
    ("review-list", "the reviews of a product", 7),
    ("review-moderation", "reviews that wait for a look", 7),
    ("review-summary", "the stars of a product", 7),
    ("review-votes", "the votes for a review", 7),
    ("session-current", "the session that asks", 9),
    ("session-devices", "the devices of a user", 9),
    ("session-history", "earlier sessions of a user", 9),
    ("shipment-label", "the label of a shipment", 6),
    ("shipment-list", "the shipments of an order", 6),
    ("shipment-rates", "what carriers ask for", 6),
    ("shipment-returns", "parcels that come back", 6),
    ("stock-alerts", "products that run out", 12),
    ("stock-levels", "how many there are of a product", 12),
    ("stock-locations", "where a product lies", 12),
    ("stock-transfers", "what moves between stores", 12),
    ("user-avatar", "the picture of a user", 0),
    ("user-permissions", "what a user may do", 0),
    ("user-profile", "the profile of a user", 0),
    ("user-settings", "the settings of a user", 0),
    ("webhook-deliveries", "what was sent to a webhook", 13),
    ("webhook-list", "the webhooks of an account", 13),
    ("webhook-secrets", "the secrets of a webhook", 13),
];

/// Files of `src/legacy`; only the first is used.
const LEGACY: &[&str] = &["money", "ajax", "cookies", "jsonp", "polyfills", "templates", "xml"];

/// Every file: path below the project, text.
pub(super) fn files() -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = [
        ("README.md", include_str!("project/README.md")),
        ("tests/run.sh", include_str!("project/run.sh")),
        ("tests/check.awk", include_str!("project/check.awk")),
        ("src/api/payment-gateway.js", include_str!("project/payment-gateway.js")),
        ("src/lib/store.js", include_str!("project/store.js")),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    for (name, reads, resource) in ENDPOINTS {
        if let Some((of, fields)) = RESOURCES.get(*resource) {
            out.push((format!("src/api/{name}.js"), endpoint(name, reads, of, fields)));
        }
    }
    for (name, fields) in RESOURCES {
        let lines: String = fields.iter().map(|(field, of)| format!("{field} {of}\n")).collect();
        out.push((format!("schema/{}.schema", name.to_lowercase()), format!("interface {name}\n{lines}")));
    }
    for name in LEGACY {
        let text = format!(
            "// From before the store. Kept until somebody looks whether it is still used.\nexports.{name} = function (value) {{\n  return value;\n}};\n"
        );
        out.push((format!("src/legacy/{name}.js"), text));
    }
    out
}

fn endpoint(name: &str, reads: &str, of: &str, fields: &[(&str, &str)]) -> String {
    let function: String = name.split('-').map(capital).collect();
    let values: Vec<String> = fields.iter().map(|(f, _)| if *f == "limit" { "limit: limit".to_owned() } else { format!("{f}: row.{f}") }).collect();
    format!(
        "// GET /api/{name}\n'use strict';\n\nconst store = require('../lib/store');\n\n/**\n * Reads {reads}.\n *\n * @param {{string}} id\n \
         * @param {{number}} limit\n * @returns {{{of}}}\n */\nfunction get{function}(id, limit) {{\n  const row = store.find('{name}', id);\n  \
         return {{ {} }};\n}}\n\nmodule.exports = {{ get{function} }};\n",
        values.join(", ")
    )
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
