//! Scopes of TextMate grammars to [`Token`]s.

use syntect::parsing::{Scope, ScopeStack};

use crate::wire::Token;

/// The innermost scope that has an entry decides, and of its entries the longest. `Plain` is for code inside of something
/// else, as in a text that is put together.
const RULES: &[(&str, Token)] = &[
    ("comment", Token::Comment),
    ("string", Token::String),
    ("markup.raw", Token::String),
    ("constant.numeric", Token::Number),
    ("constant", Token::Constant),
    ("support.constant", Token::Constant),
    ("keyword", Token::Keyword),
    ("keyword.operator", Token::Plain),
    ("keyword.operator.word", Token::Keyword),
    ("keyword.operator.logical.python", Token::Keyword),
    ("keyword.operator.new", Token::Keyword),
    ("storage", Token::Keyword),
    ("variable.language", Token::Keyword),
    ("support.type", Token::Type),
    ("support.class", Token::Type),
    ("entity.name.type", Token::Type),
    ("entity.name.class", Token::Type),
    ("entity.name.struct", Token::Type),
    ("entity.name.enum", Token::Type),
    ("entity.name.trait", Token::Type),
    ("entity.name.impl", Token::Type),
    ("entity.name.interface", Token::Type),
    ("entity.name.namespace", Token::Type),
    ("entity.other.inherited-class", Token::Type),
    ("entity.name.function", Token::Function),
    ("support.function", Token::Function),
    ("support.macro", Token::Function),
    ("variable.function", Token::Function),
    ("variable.annotation", Token::Function),
    ("meta.annotation.identifier", Token::Function),
    ("entity.name.tag", Token::Tag),
    ("entity.other.attribute-name", Token::Attribute),
    ("support.type.property-name", Token::Attribute),
    ("support.other.attribute-name", Token::Attribute),
    ("meta.mapping.key", Token::Attribute),
    ("meta.structure.dictionary.key", Token::Attribute),
    ("entity.name.table", Token::Heading),
    ("entity.name.section", Token::Heading),
    ("markup.heading", Token::Heading),
    ("markup.inserted", Token::Inserted),
    ("markup.deleted", Token::Deleted),
    ("meta.interpolation", Token::Plain),
    ("meta.template.expression", Token::Plain),
    ("meta.embedded", Token::Plain),
    ("source", Token::Plain),
];

/// The rules, ready to be asked.
pub(crate) struct Rules(Vec<(Scope, Token)>);

impl Rules {
    pub(crate) fn new() -> Self {
        let scope = |(name, token): &(&str, Token)| Some((Scope::new(name).ok()?, *token));
        let mut rules: Vec<_> = RULES.iter().filter_map(scope).collect();
        rules.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
        Self(rules)
    }

    pub(crate) fn token(&self, stack: &ScopeStack) -> Token {
        let rule = |scope: &Scope| self.0.iter().find(|rule| rule.0.is_prefix_of(*scope));
        let decided = stack.as_slice().iter().rev().find_map(rule);
        decided.map_or(Token::Plain, |rule| rule.1)
    }
}
