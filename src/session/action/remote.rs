//! Remote control as packets: OSC messages to words of actions and back. The window reads them from control surfaces and
//! from `abscope ctl`, which writes them; both are here so that they cannot drift apart.

use rosc::{OscMessage, OscPacket, OscType, decoder, encoder};

use crate::session::action::words::{SET, takes_argument};

/// Larger packets are not read: no message of ours is near it, and bundles nested deeper would cost a stack.
pub const MOST_BYTES: usize = 8192;
/// All addresses begin so.
const PREFIX: &str = "/abscope/";
/// The address that takes an action as words.
const DO: &str = "do";
/// The address that asks how things are.
const STATUS: &str = "status";
/// The address that takes the code of the window.
const PAIR: &str = "pair";
/// The address of answers.
const REPLY: &str = "/abscope/reply";

/// What one message asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// An action, as words.
    Words(String),
    /// A button was let go: nothing to do.
    Released,
    /// How things are, as JSON.
    Status,
    /// A device sends the code that another than this computer has to send before anything else.
    Pair(String),
}

/// Why a packet is none of ours.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PacketError {
    /// It is no OSC.
    #[error("this is no OSC packet")]
    NoOsc,
    /// It is an answer: answering it would go on for ever.
    #[error("this is an answer")]
    Reply,
    /// It is meant for somebody else.
    #[error("{0} is no address of Abscope; they begin with {PREFIX}")]
    Address(String),
    /// An argument is neither number nor text nor switch.
    #[error("{0}: an argument is a number, a text or a switch")]
    Argument(String),
}

/// The requests of a packet: one of a message, several of a bundle, in order. Times of bundles are not waited for.
pub fn read_requests(packet: &[u8]) -> Vec<Result<Request, PacketError>> {
    let mut requests = vec![];
    match decoder::decode_udp(packet) {
        Ok((_, packet)) => collect(&packet, &mut requests),
        Err(_) => requests.push(Err(PacketError::NoOsc)),
    }
    requests
}

fn collect(packet: &OscPacket, requests: &mut Vec<Result<Request, PacketError>>) {
    match packet {
        OscPacket::Message(message) => requests.push(read_message(message)),
        OscPacket::Bundle(bundle) if bundle.content.is_empty() => {
            requests.push(Err(PacketError::NoOsc));
        }
        OscPacket::Bundle(bundle) => {
            for packet in &bundle.content {
                collect(packet, requests);
            }
        }
    }
}

fn read_message(message: &OscMessage) -> Result<Request, PacketError> {
    if message.addr == REPLY {
        return Err(PacketError::Reply);
    }
    let shown = || message.addr.chars().take(80).collect::<String>();
    let Some(name) = message.addr.strip_prefix(PREFIX) else {
        return Err(PacketError::Address(shown()));
    };
    let arguments = message.args.iter().map(argument);
    let Some(arguments) = arguments.collect::<Option<Vec<String>>>() else {
        return Err(PacketError::Argument(shown()));
    };
    let words = arguments.join(" ");
    if name == STATUS {
        return Ok(Request::Status);
    }
    if name == PAIR {
        return Ok(Request::Pair(words));
    }
    if name == DO {
        return Ok(Request::Words(words));
    }
    // A setting's name is a part of the address: a fader sends nothing but its number.
    if let Some(setting) = name.strip_prefix("set/") {
        return Ok(Request::Words(format!("{SET} {setting} {words}")));
    }
    // A button of a touch surface sends 1 when it is pressed and 0 when it is let go.
    if let [only] = message.args.as_slice()
        && !takes_argument(name)
    {
        return Ok(match only {
            OscType::Bool(false) => Request::Released,
            OscType::Bool(true) => Request::Words(name.to_owned()),
            _ => match words.parse::<f64>() {
                Ok(0.0) => Request::Released,
                Ok(1.0) => Request::Words(name.to_owned()),
                _ => Request::Words(format!("{name} {words}")),
            },
        });
    }
    Ok(Request::Words(format!("{name} {words}").trim().to_owned()))
}

fn argument(value: &OscType) -> Option<String> {
    match value {
        OscType::Int(number) => Some(number.to_string()),
        OscType::Long(number) => Some(number.to_string()),
        OscType::Float(number) => Some(number.to_string()),
        OscType::Double(number) => Some(number.to_string()),
        OscType::String(text) => Some(text.clone()),
        OscType::Char(letter) => Some(letter.to_string()),
        OscType::Bool(on) => Some(if *on { "on" } else { "off" }.to_owned()),
        OscType::Nil => Some(String::new()),
        _ => None,
    }
}

/// A request as a packet.
pub fn write_request(request: &Request) -> Vec<u8> {
    match request {
        Request::Words(words) => packet(&format!("{PREFIX}{DO}"), words),
        Request::Status => packet(&format!("{PREFIX}{STATUS}"), ""),
        Request::Pair(code) => packet(&format!("{PREFIX}{PAIR}"), code),
        Request::Released => packet(PREFIX, ""),
    }
}

/// An answer as a packet: `ok`, JSON, or one line that says why not.
pub fn write_reply(answer: &Result<String, String>) -> Vec<u8> {
    let (state, words) = match answer {
        Ok(words) => ("ok", words),
        Err(why) => ("error", why),
    };
    encode(REPLY, [state, words].map(str::to_owned).to_vec())
}

/// The answer in a packet; none if it is no answer.
pub fn read_reply(packet: &[u8]) -> Option<Result<String, String>> {
    let (_, OscPacket::Message(message)) = decoder::decode_udp(packet).ok()? else {
        return None;
    };
    match (message.addr.as_str(), message.args.as_slice()) {
        (REPLY, [OscType::String(state), OscType::String(words)]) => Some(match state.as_str() {
            "ok" => Ok(words.clone()),
            _ => Err(words.clone()),
        }),
        _ => None,
    }
}

fn packet(address: &str, words: &str) -> Vec<u8> {
    let arguments = Some(words.to_owned()).filter(|words| !words.is_empty());
    encode(address, arguments.into_iter().collect())
}

fn encode(address: &str, words: Vec<String>) -> Vec<u8> {
    let message = OscMessage {
        addr: address.to_owned(),
        // A text ends at its first zero in OSC.
        args: words
            .into_iter()
            .map(|words| OscType::String(words.replace('\0', " ")))
            .collect(),
    };
    encoder::encode(&OscPacket::Message(message)).expect("texts without a zero can be encoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(address: &str, args: Vec<OscType>) -> Result<Request, PacketError> {
        let message = OscMessage {
            addr: address.to_owned(),
            args,
        };
        let packet = encoder::encode(&OscPacket::Message(message)).expect("it can be encoded");
        let mut requests = read_requests(&packet);
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }

    fn words(words: &str) -> Result<Request, PacketError> {
        Ok(Request::Words(words.to_owned()))
    }

    #[test]
    fn addresses_and_arguments_become_words() {
        assert_eq!(one("/abscope/freeze", vec![]), words("freeze"));
        assert_eq!(
            one("/abscope/reference", vec![OscType::Int(3)]),
            words("reference 3")
        );
        assert_eq!(
            one("/abscope/reference", vec![OscType::Float(3.0)]),
            words("reference 3")
        );
        assert_eq!(
            one("/abscope/nudge", vec![OscType::Float(-0.01)]),
            words("nudge -0.01")
        );
        assert_eq!(
            one("/abscope/set/tilt", vec![OscType::Float(4.5)]),
            words("set tilt 4.5")
        );
        assert_eq!(
            one("/abscope/set/reduced-motion", vec![OscType::Bool(true)]),
            words("set reduced-motion on")
        );
        assert_eq!(
            one("/abscope/do", vec!["zoom 2".to_owned().into()]),
            words("zoom 2")
        );
        assert_eq!(one("/abscope/status", vec![]), Ok(Request::Status));
    }

    #[test]
    fn a_button_acts_when_it_is_pressed_and_not_when_it_is_let_go() {
        assert_eq!(
            one("/abscope/freeze", vec![OscType::Float(1.0)]),
            words("freeze")
        );
        assert_eq!(
            one("/abscope/freeze", vec![OscType::Bool(true)]),
            words("freeze")
        );
        for release in [OscType::Float(0.0), OscType::Int(0), OscType::Bool(false)] {
            assert_eq!(one("/abscope/freeze", vec![release]), Ok(Request::Released));
        }
        assert_eq!(
            one("/abscope/freeze", vec![OscType::Int(2)]),
            words("freeze 2")
        );
        // Zero is a value where an argument is taken.
        assert_eq!(
            one("/abscope/nudge", vec![OscType::Float(0.0)]),
            words("nudge 0")
        );
    }

    #[test]
    fn what_is_not_ours_is_named() {
        assert!(matches!(one("/ping", vec![]), Err(PacketError::Address(_))));
        let blob = vec![OscType::Blob(vec![1, 2])];
        assert!(matches!(
            one("/abscope/freeze", blob),
            Err(PacketError::Argument(_))
        ));
        assert_eq!(read_requests(b"hello"), vec![Err(PacketError::NoOsc)]);
        assert_eq!(read_requests(b""), vec![Err(PacketError::NoOsc)]);
    }

    #[test]
    fn requests_and_replies_survive_their_packets() {
        for request in [
            Request::Words("set tilt 4.5".to_owned()),
            Request::Status,
            Request::Pair("12345678".to_owned()),
        ] {
            assert_eq!(read_requests(&write_request(&request)), vec![Ok(request)]);
        }
        for answer in [Ok("{\"a\":1}".to_owned()), Err("no such action".to_owned())] {
            assert_eq!(read_reply(&write_reply(&answer)), Some(answer));
        }
        assert_eq!(read_reply(b"hello"), None);
        let answer = write_reply(&Ok(String::new()));
        assert_eq!(read_requests(&answer), vec![Err(PacketError::Reply)]);
    }

    #[test]
    fn bundles_nested_as_deep_as_a_packet_holds_do_not_break_anything() {
        // From the inside: an empty bundle, in a bundle, in a bundle ….
        let head = [b"#bundle\0".as_slice(), &[0; 8]].concat();
        let mut packet = head.clone();
        while packet.len() + 20 <= MOST_BYTES {
            let length = (packet.len() as u32).to_be_bytes();
            packet = [head.as_slice(), &length, &packet].concat();
        }
        assert!(packet.len() > MOST_BYTES - 40);
        assert_eq!(read_requests(&packet), vec![Err(PacketError::NoOsc)]);
    }
}
