//! What every piece must keep to, so that the strict content security policy never breaks a page.

/// Fails if the markup holds anything the policy would refuse.
pub fn keeps_policy(html: &str) {
    assert!(!html.contains("style="), "inline style in {html}");
    assert!(!html.contains("<style"), "style element in {html}");
    assert!(!html.contains("javascript:"), "script address in {html}");
    for part in html.split("<script").skip(1) {
        assert!(part.starts_with(" src="), "inline script: {part}");
        assert!(part.contains("></script>"), "script with a body: {part}");
    }
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        // Quoted values may hold anything; what stands outside the quotes are attribute names.
        for outside in tag.split('"').step_by(2) {
            for word in outside.split_whitespace() {
                let handler = word.starts_with("on") && word.ends_with('=');
                assert!(!handler, "event handler attribute in <{tag}>");
            }
        }
    }
}

/// A string that shows at once whether a piece escapes.
pub const HOSTILE: &str = r#"<b onload="x">&'"</b>"#;

/// Fails if the hostile string came through unescaped.
pub fn escapes(html: &str) {
    assert!(!html.contains("<b onload"), "not escaped: {html}");
    keeps_policy(html);
}
