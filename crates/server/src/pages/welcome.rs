//! Where a browser goes on that has signed in.

use std::sync::Arc;

use axum::response::Response;
use daybook_engine::Credential;
use daybook_kernel::RequestId;
use daybook_ui::address;
use serde_json::json;
use zeroize::Zeroizing;

use super::door::{own_address, with_cookie};
use super::frame;
use crate::cookies;
use crate::site::App;

/// Goes on after a sign-in: to the second factor where one is owed.
pub async fn welcome(
    app: &Arc<App>,
    request_origin: Arc<daybook_kernel::Origin>,
    next: &str,
    token: &str,
    id: RequestId,
) -> Response {
    let next = own_address(next);
    let cookie = cookies::set_session(token);
    let token = Zeroizing::new(token.to_owned());
    let live = super::session_of(app, token.clone()).await;
    let credential = Credential::Session(token);
    let owes = live
        .as_ref()
        .is_ok_and(|live| live.facts.owes_second_factor);
    if owes {
        let address = format!("/sign-in/second-factor?next={}", address::encoded(next));
        return with_cookie(frame::see(&address), &cookie);
    }
    let factors = app
        .run_instance(
            app.site.show_factors,
            &json!({}),
            credential,
            request_origin,
            id,
        )
        .await;
    let factors = factors.unwrap_or_default();
    let remind = factors["remind"] == true;
    let alone = if factors["provider"] == true {
        "An account elsewhere alone opens yours."
    } else {
        "A password alone guards your account."
    };
    let next = match live {
        Ok(live) if remind => {
            let told = (id, app.engine.now());
            let name = app.notices.hint(
                live.who.person,
                alone,
                ("Add a second factor", "/account/security"),
                told,
            );
            let separator = if next.contains('?') { '&' } else { '?' };
            format!("{next}{separator}done={name}")
        }
        _ => next.to_owned(),
    };
    with_cookie(frame::see(&next), &cookie)
}
