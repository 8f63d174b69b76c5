//! What the policies can never say, proved for every caller, thing and moment
//! there could be: the policies become formulas (cedar-policy-symcc, which is
//! itself verified in Lean) and an SMT solver looks for an exception.

use std::str::FromStr;

use cedar_policy::{Policy, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet};
use daybook_engine::authorize::{CedarAuthorizer, PolicyText, policy_texts};
use daybook_kernel::StepUp;
use daybook_kernel::operation::Operation;
use daybook_kernel::road::Registry;

use crate::scene::product;

/// Whatever is allowed is allowed by this too.
struct Wall {
    name: &'static str,
    text: &'static str,
    around: fn(&Operation) -> bool,
    /// The policy without which the wall falls.
    held_by: &'static str,
}

const WALLS: [Wall; 4] = [
    Wall {
        name: "nobody acts in another workspace than their own",
        text: "permit (principal, action, resource)
               when { principal has home && resource in principal.home };",
        around: Operation::in_workspace,
        held_by: "base.tenant_isolation",
    },
    Wall {
        name: "suspended means denied",
        text: "permit (principal, action, resource) when { !principal.suspended };",
        around: Operation::in_workspace,
        held_by: "base.suspended_is_denied",
    },
    Wall {
        name: "a token does nothing beyond its scopes",
        text: "permit (principal, action, resource) when { context.in_scope };",
        around: |_| true,
        held_by: "base.token_scope",
    },
    Wall {
        name: "what asks for a fresh factor is not done without one",
        text: "permit (principal, action, resource) when { context.fresh };",
        around: |operation| operation.spec.step_up == StepUp::Fresh,
        held_by: "base.fresh_factor",
    },
];

#[test]
fn the_walls_hold_for_every_caller_thing_and_moment() {
    let registry = Registry::new(product().features);
    let texts = policy_texts(&registry).unwrap();
    let cracks = cracks(&registry, &texts, &WALLS);
    assert_eq!(cracks, Vec::<String>::new());
}

#[test]
fn no_policy_can_fail_to_be_decided() {
    let registry = Registry::new(product().features);
    let texts = policy_texts(&registry).unwrap();
    let prover = Prover::new(&registry, &texts);
    let mut failing = Vec::new();
    for operation in registry.operations() {
        let (env, policies) = prover.of(operation);
        for policy in policies.policies() {
            if !prover.never_errors(policy, &env) {
                failing.push(format!("{} in {}", policy.id(), operation.spec.name));
            }
        }
    }
    assert_eq!(failing, Vec::<String>::new());
}

/// A proof that cannot fail would prove nothing: each wall falls with the
/// policy that holds it up.
#[test]
fn without_its_policy_each_wall_falls() {
    let registry = Registry::new(product().features);
    let texts = policy_texts(&registry).unwrap();
    for wall in &WALLS {
        let mut weaker = texts.clone();
        weaker.retain(|policy| policy.id != wall.held_by);
        assert_eq!(weaker.len() + 1, texts.len(), "{}", wall.held_by);
        let cracks = cracks(&registry, &weaker, std::slice::from_ref(wall));
        assert!(
            !cracks.is_empty(),
            "{} stands without {}",
            wall.name,
            wall.held_by
        );
    }
}

fn cracks(registry: &Registry, texts: &[PolicyText], walls: &[Wall]) -> Vec<String> {
    let prover = Prover::new(registry, texts);
    let mut cracks = Vec::new();
    for operation in registry.operations() {
        let (env, policies) = prover.of(operation);
        for wall in walls.iter().filter(|wall| (wall.around)(operation)) {
            if !prover.implies(policies, wall.text, &env) {
                cracks.push(format!("{}: {}", operation.spec.name, wall.name));
            }
        }
    }
    cracks
}

struct Prover {
    authorizer: CedarAuthorizer,
    schema: Schema,
    runtime: tokio::runtime::Runtime,
}

impl Prover {
    fn new(registry: &Registry, texts: &[PolicyText]) -> Self {
        let authorizer = CedarAuthorizer::from_policies(registry, texts).unwrap();
        let (schema, _) = Schema::from_cedarschema_str(authorizer.schema_text()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Self {
            authorizer,
            schema,
            runtime,
        }
    }

    /// The one kind of request of an operation, and the policies it is judged by.
    fn of(&self, operation: &Operation) -> (RequestEnv, &PolicySet) {
        let (action, policies) = self.authorizer.policies_of(operation.spec.name).unwrap();
        let mut envs = self
            .schema
            .request_envs()
            .filter(|env| env.action() == action);
        let env = envs.next().unwrap();
        assert!(envs.next().is_none(), "{action} has one kind of request");
        (env, policies)
    }

    fn never_errors(&self, policy: &Policy, env: &RequestEnv) -> bool {
        let compiled = CompiledPolicy::compile(policy, env, &self.schema).unwrap();
        self.ask(async |solver| solver.check_never_errors_opt(&compiled).await.unwrap())
    }

    fn implies(&self, policies: &PolicySet, wall: &str, env: &RequestEnv) -> bool {
        let wall = PolicySet::from_str(wall).unwrap();
        let [policies, wall] = [policies, &wall]
            .map(|set| CompiledPolicySet::compile(set, env, &self.schema).unwrap());
        self.ask(async |solver| solver.check_implies_opt(&policies, &wall).await.unwrap())
    }

    fn ask(&self, question: impl AsyncFnOnce(&mut CedarSymCompiler<LocalSolver>) -> bool) -> bool {
        self.runtime.block_on(async {
            let mut solver = CedarSymCompiler::new(LocalSolver::cvc5().unwrap()).unwrap();
            question(&mut solver).await
        })
    }
}
