//! Second factors that were lost, all of them: the operator takes them off.

use daybook_testkit::{PASSWORD, for_both_stores, until};
use serde_json::json;

use crate::factors::{by_password, set_up_app};
use crate::scene::{instance, records};

const OWNER: &str = "owner@example.com";

#[test]
fn the_operator_takes_lost_factors_off_and_the_person_is_told() {
    for_both_stores(|on| {
        let instance = instance(on);
        let (_, owner) = set_up_app(&instance, &by_password(&instance, OWNER));
        owner.ok("identity.make_recovery_codes", json!({}));
        let wanted = json!({"email": OWNER, "reason": "Lost her phone; called back"});
        owner.refused("identity.reset_factors", wanted.clone(), 403);
        instance
            .anonymous()
            .refused("identity.reset_factors", wanted.clone(), 401);
        by_password(&instance, OWNER).refused("books.journal", json!({}), 401);

        let before = records(&instance, None);
        let done = instance
            .operator()
            .ok("identity.reset_factors", wanted.clone());
        assert_eq!(records(&instance, None), before + 1);
        assert_eq!(
            (&done["app"], &done["recovery_codes"]),
            (&json!(true), &json!(10))
        );
        owner.refused("identity.show_security", json!({}), 401);
        let told = instance.letter(OWNER, 1);
        assert!(
            told.contains("took the second factors off your account"),
            "{told}"
        );

        let again = by_password(&instance, OWNER);
        again.ok("books.journal", json!({}));
        let factors = again.ok("identity.show_factors", json!({}));
        assert_eq!(
            (&factors["password"], &factors["remind"]),
            (&json!(true), &json!(true))
        );
        again.ok("identity.step_up", json!({"password": PASSWORD}));
        until("the workspace is told", || {
            let coverage = instance.owner().ok("team.show_factor_coverage", json!({}));
            coverage["members"][0]["second_factor"] == false
        });
        let said = instance
            .operator()
            .refused("identity.reset_factors", wanted, 409);
        assert!(said.contains("no second factor"), "{said}");
        let nobody = json!({"email": "nobody@example.com", "reason": "x"});
        instance
            .operator()
            .refused("identity.reset_factors", nobody, 422);
    });
}
