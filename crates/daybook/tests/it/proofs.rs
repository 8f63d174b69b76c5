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
    /// Of whom it is true: of everybody, or of one type of principal.
    of: Option<&'static str>,
    falls: Falls,
}

/// What brings a wall down.
enum Falls {
    /// This policy being gone.
    Without(&'static str),
    /// This policy being there.
    With(&'static str),
}

const WALLS: [Wall; 10] = [
    Wall {
        name: "nobody acts in another workspace than their own, or the one that granted it",
        text: "permit (principal, action, resource)
               when { principal has home && resource in principal.home };",
        around: Operation::in_workspace,
        of: None,
        falls: Falls::Without("base.tenant_isolation"),
    },
    Wall {
        name: "suspended means denied",
        text: "permit (principal, action, resource) when { !principal.suspended };",
        around: Operation::in_workspace,
        of: None,
        falls: Falls::Without("base.suspended_is_denied"),
    },
    Wall {
        name: "a locked workspace opens to nobody",
        text: "permit (principal, action, resource) when { !context.locked };",
        around: Operation::in_workspace,
        of: None,
        falls: Falls::Without("base.locked_is_closed"),
    },
    Wall {
        name: "a deleted workspace opens to nothing but taking it back",
        text: "permit (principal, action, resource) when { !context.deleted };",
        around: |it| it.in_workspace() && it.spec.name != "team.keep_workspace",
        of: None,
        falls: Falls::Without("base.deleted_is_closed"),
    },
    Wall {
        name: "a frozen workspace takes no command but its end and the export",
        text: "permit (principal, action, resource) when { !context.frozen };",
        around: |it| it.in_workspace() && it.is_command() && !WHILE_FROZEN.contains(&it.spec.name),
        of: None,
        falls: Falls::Without("base.frozen_takes_no_commands"),
    },
    Wall {
        name: "a token does nothing beyond its scopes, nor a guest beyond the grant's",
        text: "permit (principal, action, resource) when { context.in_scope };",
        around: |_| true,
        of: None,
        falls: Falls::Without("base.token_scope"),
    },
    Wall {
        name: "what asks for a fresh factor is not done without one",
        text: "permit (principal, action, resource) when { context.fresh };",
        around: |operation| operation.spec.step_up == StepUp::Fresh,
        of: None,
        falls: Falls::Without("base.fresh_factor"),
    },
    Wall {
        name: "a grant that has ended or expired opens nothing",
        text: "permit (principal, action, resource) when { principal.live };",
        around: Operation::in_workspace,
        of: Some("Guest"),
        falls: Falls::Without("base.grant_is_live"),
    },
    Wall {
        name: "whoever comes by a grant reads the books by one of the books",
        text: "permit (principal in Grant::\"books.read\", action, resource);",
        around: reads_books,
        of: Some("Guest"),
        falls: Falls::With("permit (principal, action, resource);"),
    },
    Wall {
        name: "no grant opens anything but queries of the books",
        text: "forbid (principal, action, resource);",
        around: |operation| operation.in_workspace() && !reads_books(operation),
        of: Some("Guest"),
        falls: Falls::With("permit (principal, action, resource);"),
    },
];

/// What a frozen workspace still takes: its end, and the way out.
const WHILE_FROZEN: [&str; 4] = [
    "trust.export_workspace",
    "team.thaw_workspace",
    "team.delete_workspace",
    "team.keep_workspace",
];

fn reads_books(operation: &Operation) -> bool {
    !operation.is_command() && operation.spec.name.starts_with("books.")
}

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
        let (envs, policies) = prover.of(operation);
        for (env, policy) in envs
            .iter()
            .flat_map(|env| policies.policies().map(move |it| (env, it)))
        {
            if !prover.never_errors(policy, env) {
                failing.push(format!("{} in {}", policy.id(), operation.spec.name));
            }
        }
    }
    assert_eq!(failing, Vec::<String>::new());
}

/// A proof that cannot fail would prove nothing: each wall falls where it should.
#[test]
fn without_its_policy_each_wall_falls() {
    let registry = Registry::new(product().features);
    let texts = policy_texts(&registry).unwrap();
    for wall in &WALLS {
        let mut weaker = texts.clone();
        match wall.falls {
            Falls::Without(policy) => {
                weaker.retain(|it| it.id != policy);
                assert_eq!(weaker.len() + 1, texts.len(), "{policy}");
            }
            Falls::With(policy) => weaker.push(PolicyText {
                id: "test.breach".to_owned(),
                text: policy.to_owned(),
            }),
        }
        let cracks = cracks(&registry, &weaker, std::slice::from_ref(wall));
        assert!(!cracks.is_empty(), "{} stands", wall.name);
    }
}

fn cracks(registry: &Registry, texts: &[PolicyText], walls: &[Wall]) -> Vec<String> {
    let prover = Prover::new(registry, texts);
    let mut cracks = Vec::new();
    for operation in registry.operations() {
        let (envs, policies) = prover.of(operation);
        for env in &envs {
            let who = env.principal().to_string();
            let stands = |wall: &&Wall| {
                (wall.around)(operation) && wall.of.is_none_or(|principal| principal == who)
            };
            for wall in walls.iter().filter(stands) {
                if !prover.implies(policies, wall.text, env) {
                    cracks.push(format!("{} by {who}: {}", operation.spec.name, wall.name));
                }
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

    /// The kinds of request of an operation, and the policies they are judged by.
    fn of(&self, operation: &Operation) -> (Vec<RequestEnv>, &PolicySet) {
        let (action, policies) = self.authorizer.policies_of(operation.spec.name).unwrap();
        let envs: Vec<RequestEnv> = self
            .schema
            .request_envs()
            .filter(|env| env.action() == action)
            .collect();
        let mut principals: Vec<String> =
            envs.iter().map(|env| env.principal().to_string()).collect();
        principals.sort();
        let expected: &[&str] = if operation.in_workspace() {
            &["Caller", "Guest"]
        } else {
            &["Caller"]
        };
        assert_eq!(principals, expected, "{action}");
        (envs, policies)
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
