//! What a network carries, as somebody sees it who taps it: a story goes on in a
//! network of its own, whose every packet is kept and read afterwards.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader};
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use tempfile::TempDir;

use crate::postgres::part;

/// Set for the process that tells the story within.
const WITHIN: &str = "DAYBOOK_TEST_NETWORK_OF_ITS_OWN";

/// Brings the network's one interface up and keeps every packet of every interface
/// until its input ends. Of `lo` each packet is seen twice, leaving and arriving.
const TAP: &str = r#"
import fcntl, socket, struct, sys, threading

FLAGS, UP_AND_RUNNING = 0x8914, 0x41
FORCED_BUFFER, PACKET, STATISTICS, LEAVING = 33, 263, 6, 4

with socket.socket() as control:
    fcntl.ioctl(control, FLAGS, struct.pack("16sh22x", b"lo", UP_AND_RUNNING))
tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
try:
    tap.setsockopt(socket.SOL_SOCKET, FORCED_BUFFER, 64 << 20)
except PermissionError:
    # Only the machine's own root may have so much; what is lost is counted below.
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
tap.settimeout(0.2)
over = threading.Event()

def keep():
    with open(sys.argv[1], "wb") as file:
        while True:
            try:
                packet, (interface, _, kind, *_) = tap.recvfrom(1 << 18)
            except TimeoutError:
                # Nothing more waits to be read.
                if over.is_set():
                    return
                continue
            if interface != "lo" or kind != LEAVING:
                file.write(struct.pack("<I", len(packet)) + packet)

keeper = threading.Thread(target=keep)
keeper.start()
print("ready", flush=True)
sys.stdin.read()
over.set()
keeper.join()
seen, lost = struct.unpack("II", tap.getsockopt(PACKET, STATISTICS, 8))
print(lost, flush=True)
"#;

/// Tells the story of this test in a network that nobody else is in, which needs
/// root or a kernel that lets everybody make such networks.
#[expect(
    clippy::disallowed_methods,
    reason = "the process within is told so by its environment"
)]
pub fn in_a_network_of_its_own(test: &str, story: impl FnOnce(Tap)) {
    if std::env::var_os(WITHIN).is_some() {
        return story(Tap::start());
    }
    let is_root = std::fs::metadata("/proc/self").expect("proc").uid() == 0;
    // PostgreSQL runs as nobody's root, not even of a user namespace.
    let flags: &[&str] = if is_root {
        &["--net"]
    } else {
        &["--map-current-user", "--keep-caps", "--net"]
    };
    let told = Command::new("unshare")
        .args(flags)
        .arg("--")
        .arg(std::env::current_exe().expect("this program"))
        .args([test, "--exact", "--nocapture"])
        .env(WITHIN, "1")
        .output()
        .expect("unshare, of util-linux");
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(
        told.status.success() && said.contains("1 passed"),
        "{test} in a network of its own (unshare {flags:?}):\n{said}\n{}",
        String::from_utf8_lossy(&told.stderr)
    );
}

pub struct Tap {
    process: Child,
    said: BufReader<ChildStdout>,
    folder: TempDir,
}

impl Tap {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let python = part("DAYBOOK_TEST_SMTP_PYTHON").expect("run `scripts/parts test`");
        let mut process = Command::new(python)
            .args(["-c", TAP])
            .arg(folder.path().join("packets"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a tap");
        let said = BufReader::new(process.stdout.take().expect("its output"));
        let mut tap = Self {
            process,
            said,
            folder,
        };
        assert_eq!(tap.line(), "ready", "the network cannot be tapped");
        tap
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("its output");
        line.trim().to_owned()
    }

    /// All that was carried. A packet that was lost may have held anything.
    pub fn end(mut self) -> Carried {
        drop(self.process.stdin.take());
        assert_eq!(self.line(), "0", "packets were lost");
        self.process.wait().expect("its end");
        let packets: PathBuf = self.folder.path().join("packets");
        Carried::read(&std::fs::read(packets).expect("the packets"))
    }
}

/// From whom to whom.
type Way = ((IpAddr, u16), (IpAddr, u16));

pub struct Carried {
    packets: Vec<Vec<u8>>,
    /// What was said on each way of a TCP connection, put together.
    said: HashMap<Way, Vec<u8>>,
}

impl Carried {
    fn read(mut kept: &[u8]) -> Self {
        let mut packets = Vec::new();
        let mut parts: HashMap<Way, BTreeMap<u32, Vec<u8>>> = HashMap::new();
        while let Some((length, rest)) = kept.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_le_bytes(*length)).expect("a length");
            let (packet, rest) = rest.split_at(length);
            kept = rest;
            packets.push(packet.to_vec());
            if let Some((way, at, said)) = segment(packet) {
                let parts = parts.entry(way).or_default();
                // Sent again, it may be longer.
                let known = parts.entry(at).or_default();
                if known.len() < said.len() {
                    *known = said.to_vec();
                }
            }
        }
        let whole = |parts: BTreeMap<u32, Vec<u8>>| parts.into_values().flatten().collect();
        let said = parts.into_iter().map(|(way, parts)| (way, whole(parts)));
        Self {
            packets,
            said: said.collect(),
        }
    }

    /// How many bytes were said to or from this port.
    pub fn amount(&self, port: u16) -> usize {
        let ways = self.said.iter();
        ways.filter(|((from, to), _)| from.1 == port || to.1 == port)
            .map(|(_, said)| said.len())
            .sum()
    }

    /// The way on which this text went readably: as it is, in Base64, or as
    /// addresses and forms write it.
    pub fn readable(&self, text: &str) -> Option<String> {
        self.any_of(&forms(text))
    }

    /// The way on which this number went as PostgreSQL's protocol writes it.
    pub fn readable_number(&self, number: i64) -> Option<String> {
        self.any_of(&[number.to_be_bytes().to_vec()])
    }

    fn any_of(&self, forms: &[Vec<u8>]) -> Option<String> {
        let holds = |bytes: &[u8]| {
            forms
                .iter()
                .any(|form| bytes.windows(form.len()).any(|it| it == form))
        };
        let way = self.said.iter().find(|(_, said)| holds(said));
        if let Some(((from, to), _)) = way {
            return Some(format!("{}:{} to {}:{}", from.0, from.1, to.0, to.1));
        }
        let packet = self.packets.iter().find(|packet| holds(packet));
        packet.map(|packet| format!("a packet of {} bytes", packet.len()))
    }
}

/// How a text may stand in what is said.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let encoded = text.replace('@', "%40").replace(' ', "+");
    let mut forms = vec![
        text.as_bytes().to_vec(),
        encoded.as_bytes().to_vec(),
        text.replace(' ', "%20").into_bytes(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    // In Base64 three bytes are four letters: three ways to begin, whose edges hang on
    // what stands beside.
    for before in 0..3 {
        let shifted = ["x".repeat(before).as_bytes(), text.as_bytes()].concat();
        for engine in [&STANDARD, &URL_SAFE] {
            let letters = engine.encode(&shifted).into_bytes();
            let whole = shifted.len() / 3 * 4;
            let from = if before == 0 { 0 } else { 4 };
            forms.push(letters[from..whole].to_vec());
        }
    }
    forms.retain(|form| form.len() >= 6);
    forms
}

/// A TCP segment: its way, its place in what is said, and what it says.
fn segment(packet: &[u8]) -> Option<(Way, u32, &[u8])> {
    let (link, rest) = packet.split_at_checked(14)?;
    let (source, target, tcp) = match link[12..] {
        [0x08, 0x00] => {
            let head = usize::from(rest.first()? & 0x0f) * 4;
            // A packet that is longer than the field can say has nothing in it.
            let length = match u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?) {
                0 => rest.len(),
                length => length.into(),
            };
            (*rest.get(9)? == 6).then_some(())?;
            let address = |at: usize| -> Option<IpAddr> {
                let bytes: [u8; 4] = rest.get(at..at + 4)?.try_into().ok()?;
                Some(bytes.into())
            };
            (address(12)?, address(16)?, rest.get(head..length)?)
        }
        [0x86, 0xdd] => {
            (*rest.get(6)? == 6).then_some(())?;
            let address = |at: usize| -> Option<IpAddr> {
                let bytes: [u8; 16] = rest.get(at..at + 16)?.try_into().ok()?;
                Some(bytes.into())
            };
            (address(8)?, address(24)?, rest.get(40..)?)
        }
        _ => return None,
    };
    let port = |at: usize| Some(u16::from_be_bytes(tcp.get(at..at + 2)?.try_into().ok()?));
    let at = u32::from_be_bytes(tcp.get(4..8)?.try_into().ok()?);
    let head = usize::from(tcp.get(12)? >> 4) * 4;
    let said = tcp.get(head..).filter(|said| !said.is_empty())?;
    Some((((source, port(0)?), (target, port(2)?)), at, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_however_it_is_written() {
        let text = "grace@example.com";
        let encodings = [
            format!("to: {text}"),
            "email=grace%40example.com&x".to_owned(),
            STANDARD.encode(format!("\0{text}\0secret")),
            STANDARD.encode(format!("ab{text}\0secret")),
            URL_SAFE.encode(format!("abc{text}~~~")),
        ];
        for said in encodings {
            let found = forms(text);
            let holds = |form: &Vec<u8>| said.as_bytes().windows(form.len()).any(|it| it == form);
            assert!(found.iter().any(holds), "{said}");
        }
    }
}
