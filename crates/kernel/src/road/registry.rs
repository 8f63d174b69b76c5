//! The registry: every feature, and so every operation, page and table.

use std::collections::HashMap;
use std::sync::Arc;

use crate::decoded::Decoded;
use crate::feature::{Delivery, Feature, ResourceKind};
use crate::operation::Operation;
use crate::page::Page;
use crate::shape::Shape;
use crate::sight::Narrowings;
use crate::spec::Scope;

pub struct Registry {
    features: &'static [Feature],
    by_name: HashMap<&'static str, &'static Operation>,
    shapes: HashMap<&'static str, Shape>,
    /// The questions of those who see in part, as they were put together.
    pub(crate) narrowings: Arc<Narrowings>,
}

impl Registry {
    pub fn new(features: &'static [Feature]) -> Self {
        let operations = || features.iter().flat_map(|feature| feature.operations);
        let shape = |it: &Operation| Shape::of((it.input)().as_value());
        Self {
            features,
            by_name: operations().map(|it| (it.spec.name, it)).collect(),
            shapes: operations().map(|it| (it.spec.name, shape(it))).collect(),
            narrowings: Arc::default(),
        }
    }

    pub const fn features(&self) -> &'static [Feature] {
        self.features
    }

    pub fn features_of(&self, scope: Scope) -> impl Iterator<Item = &'static Feature> + use<> {
        self.features
            .iter()
            .filter(move |feature| feature.scope == scope)
    }

    pub fn operations(&self) -> impl Iterator<Item = &'static Operation> + use<> {
        self.features.iter().flat_map(|feature| feature.operations)
    }

    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.by_name.get(name).copied()
    }

    /// Reads the input. Faults are kept until the policies have spoken.
    pub fn decode(&self, operation: &Operation, input: &[u8]) -> Decoded {
        let decoded = (operation.decode)(input);
        let shape = self.shapes.get(operation.spec.name);
        match shape.map_or(Ok(()), |it| it.check(input)) {
            Err(error) if decoded.work.is_some() => Decoded::unread((operation.target)(), &error),
            _ => decoded,
        }
    }

    pub fn pages(&self) -> impl Iterator<Item = &'static Page> + use<> {
        self.features.iter().flat_map(|feature| feature.pages)
    }

    /// The pages of one scope: of every workspace, or of a person's own account.
    pub fn pages_of(&self, scope: Scope) -> impl Iterator<Item = &'static Page> + use<> {
        self.features_of(scope).flat_map(|feature| feature.pages)
    }

    pub fn resource(&self, kind: &str) -> Option<&'static ResourceKind> {
        self.features
            .iter()
            .flat_map(|feature| feature.resources)
            .find(|it| it.name == kind)
    }

    pub fn resources(&self) -> impl Iterator<Item = &'static ResourceKind> + use<> {
        self.features.iter().flat_map(|feature| feature.resources)
    }

    /// Who takes a message of this kind, and where: in the instance, or in the
    /// workspace that it names.
    pub fn delivery(&self, kind: &str) -> Option<(Scope, &'static Delivery)> {
        self.features.iter().find_map(|feature| {
            let found = feature.deliveries.iter().find(|it| it.kind == kind)?;
            Some((feature.scope, found))
        })
    }
}
