//! Who is heard by OSC, and how much: a sender's address can be forged, so what is answered is limited, and another
//! device has to send the code of this window first.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use crate::session::action::remote::{PacketError, Request, read_requests, write_reply};

/// Messages of one bundle that are done; the rest is left out.
pub const MOST_IN_A_BUNDLE: usize = 32;
/// Messages of one address in a second: several faders moved at once.
pub const MOST_MESSAGES_PER_SEC: f64 = 500.0;
/// Answers to one address in a second: more than a surface shows.
pub const MOST_ANSWERS_PER_SEC: f64 = 50.0;
/// Codes that are tried in a minute, by all together.
pub const MOST_CODES_PER_MIN: f64 = 5.0;
/// Addresses that are known; of more, the one that was heard longest ago is forgotten.
const MOST_SOURCES: usize = 32;

/// Packets and messages since the window opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Done.
    pub accepted: u64,
    /// Meant for Abscope and not understood, or not possible.
    pub errors: u64,
    /// No message for Abscope: noise, answers, packets that claim to be its own.
    pub ignored: u64,
    /// Not for a control surface, or of a device that has not sent the code.
    pub refused: u64,
    /// Too many.
    pub limited: u64,
}

/// So many at once and so many again in a second.
#[derive(Clone, Debug)]
struct Allowance {
    left: f64,
    most: f64,
    per_sec: f64,
    at: Instant,
}

impl Allowance {
    fn new(most: f64, per_sec: f64, at: Instant) -> Self {
        Self {
            left: most,
            most,
            per_sec,
            at,
        }
    }

    /// Whether there is one more.
    fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * self.per_sec).min(self.most);
        self.at = now;
        let is_there = self.left >= 1.0;
        if is_there {
            self.left -= 1.0;
        }
        is_there
    }
}

#[derive(Debug)]
struct Source {
    address: IpAddr,
    is_paired: bool,
    messages: Allowance,
    answers: Allowance,
    heard_at: Instant,
}

/// What stands between the network and the window.
#[derive(Debug)]
pub struct Gate {
    own_port: u16,
    code: Option<String>,
    codes: Allowance,
    sources: Vec<Source>,
    /// What came of what arrived.
    pub counts: Counts,
}

/// What became of a packet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Packets to send back to where it came from.
    pub answers: Vec<Vec<u8>>,
    /// A device that has to send the code first.
    pub stranger: Option<IpAddr>,
}

impl Gate {
    /// For a window that listens on a port. Devices other than this computer have to send the code; without one, none
    /// is heard.
    pub fn new(own_port: u16, code: Option<String>, now: Instant) -> Self {
        Self {
            own_port,
            code,
            codes: Allowance::new(MOST_CODES_PER_MIN, MOST_CODES_PER_MIN / 60.0, now),
            sources: vec![],
            counts: Counts::default(),
        }
    }

    /// Has a packet's requests done in order; `obey` does one and says what came of it, or that surfaces may not ask
    /// it ([`NOT_FOR_SURFACES`]).
    pub fn serve(
        &mut self,
        packet: &[u8],
        from: SocketAddr,
        now: Instant,
        mut obey: impl FnMut(&Request) -> Result<String, String>,
    ) -> Served {
        let mut served = Served::default();
        // Whatever claims to come from this window's own port would be answered to itself, or to another Abscope.
        if from.port() == self.own_port || from.port() == 0 {
            self.counts.ignored += 1;
            return served;
        }
        let requests = read_requests(packet);
        let left_out = requests.len().saturating_sub(MOST_IN_A_BUNDLE);
        self.counts.limited += left_out as u64;
        let address = same_computer(from.ip());
        for request in requests.into_iter().take(MOST_IN_A_BUNDLE) {
            let request = match request {
                Err(PacketError::NoOsc | PacketError::Reply | PacketError::Address(_)) => {
                    self.counts.ignored += 1;
                    continue;
                }
                request => request,
            };
            let answer = match request {
                Ok(Request::Pair(code)) => match self.pair(address, &code, now) {
                    Some(answer) => answer,
                    None => continue,
                },
                _ if !self.is_known(address) => {
                    self.counts.refused += 1;
                    served.stranger = Some(address);
                    continue;
                }
                _ if !self.source(address, now).messages.take(now) => {
                    self.counts.limited += 1;
                    continue;
                }
                Ok(request) => obey(&request),
                Err(error) => Err(error.to_string()),
            };
            match &answer {
                Ok(_) => self.counts.accepted += 1,
                Err(why) if why == NOT_FOR_SURFACES => self.counts.refused += 1,
                Err(_) => self.counts.errors += 1,
            }
            let may_answer = !self.is_known(address) || self.source(address, now).answers.take(now);
            if may_answer {
                served.answers.push(write_reply(&answer));
            }
        }
        served
    }

    /// Whether an address may ask: this computer's, and those that have sent the code.
    fn is_known(&self, address: IpAddr) -> bool {
        let is_paired = |source: &Source| source.address == address && source.is_paired;
        address.is_loopback() || self.sources.iter().any(is_paired)
    }

    /// A code, right or wrong; none where too many were tried.
    fn pair(
        &mut self,
        address: IpAddr,
        code: &str,
        now: Instant,
    ) -> Option<Result<String, String>> {
        if !self.codes.take(now) {
            self.counts.limited += 1;
            return None;
        }
        let is_right = self.code.as_deref().is_some_and(|own| own == code.trim());
        if !is_right {
            return Some(Err(
                "this is not the code; `abscope ctl status` has it".to_owned()
            ));
        }
        self.source(address, now).is_paired = true;
        Some(Ok("paired".to_owned()))
    }

    fn source(&mut self, address: IpAddr, now: Instant) -> &mut Source {
        let at = match self
            .sources
            .iter()
            .position(|source| source.address == address)
        {
            Some(at) => at,
            None => {
                if self.sources.len() == MOST_SOURCES {
                    let oldest = (0..MOST_SOURCES).min_by_key(|at| self.sources[*at].heard_at);
                    self.sources.swap_remove(oldest.unwrap_or_default());
                }
                self.sources.push(Source {
                    address,
                    is_paired: false,
                    messages: Allowance::new(MOST_MESSAGES_PER_SEC, MOST_MESSAGES_PER_SEC, now),
                    answers: Allowance::new(MOST_ANSWERS_PER_SEC, MOST_ANSWERS_PER_SEC, now),
                    heard_at: now,
                });
                self.sources.len() - 1
            }
        };
        self.sources[at].heard_at = now;
        &mut self.sources[at]
    }
}

/// What is answered to a surface that asks for more than it may.
pub const NOT_FOR_SURFACES: &str =
    "not by OSC: use `abscope ctl`, or allow it by the setting remote-surfaces-may-all";

/// One address for all that this computer calls itself: limits are shared by its 16 million names.
fn same_computer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        own if own.is_loopback() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Random;
    use crate::session::action::remote::{read_reply, write_request};
    use std::time::Duration;

    const PORT: u16 = 9421;

    struct Desk {
        gate: Gate,
        now: Instant,
        done: Vec<Request>,
    }

    impl Desk {
        fn new() -> Self {
            let now = Instant::now();
            Self {
                gate: Gate::new(PORT, Some("12345678".to_owned()), now),
                now,
                done: vec![],
            }
        }

        fn hear(&mut self, packet: &[u8], from: &str) -> Served {
            let from = from.parse().expect("it is an address");
            let done = &mut self.done;
            self.gate.serve(packet, from, self.now, |request| {
                done.push(request.clone());
                Ok(String::new())
            })
        }
    }

    fn freeze() -> Vec<u8> {
        write_request(&Request::Words("freeze".to_owned()))
    }

    fn bundle(of: &[u8], times: usize) -> Vec<u8> {
        let head = [b"#bundle\0".as_slice(), &[0; 8]].concat();
        let length = (of.len() as u32).to_be_bytes();
        let one = [length.as_slice(), of].concat();
        [head, one.repeat(times)].concat()
    }

    #[test]
    fn answers_noise_and_what_claims_to_be_its_own_are_never_answered() {
        let mut desk = Desk::new();
        let own = format!("127.0.0.1:{PORT}");
        let reply = write_reply(&Err("no".to_owned()));
        for (packet, from) in [
            (freeze(), own.as_str()),
            (freeze(), "192.168.1.5:9421"),
            (reply.clone(), "127.0.0.1:5000"),
            (bundle(&reply, 9), "127.0.0.1:5000"),
            (b"hello".to_vec(), "127.0.0.1:5000"),
            (vec![], "127.0.0.1:5000"),
            (b"/ping\0\0\0,\0\0\0".to_vec(), "127.0.0.1:5000"),
        ] {
            let served = desk.hear(&packet, from);
            assert_eq!(served, Served::default(), "{from}: {packet:?}");
        }
        assert!(desk.done.is_empty());
        assert_eq!(desk.gate.counts.ignored, 6 + 9);
    }

    #[test]
    fn a_bundle_and_a_second_hold_only_so_much() {
        let mut desk = Desk::new();
        let served = desk.hear(&bundle(&freeze(), 200), "127.0.0.1:5000");
        assert_eq!(served.answers.len(), MOST_IN_A_BUNDLE);
        assert_eq!(desk.gate.counts.limited as usize, 200 - MOST_IN_A_BUNDLE);
        // Whatever name of this computer and whatever port is claimed: they share one allowance.
        let mut answered = served.answers.len();
        for n in 0..5_000 {
            let from = format!("127.0.{}.{}:{}", n % 256, n % 250 + 1, 10_000 + n);
            answered += desk.hear(&freeze(), &from).answers.len();
        }
        assert_eq!(answered, MOST_ANSWERS_PER_SEC as usize);
        assert_eq!(desk.done.len(), MOST_MESSAGES_PER_SEC as usize);
        desk.now += Duration::from_secs(1);
        assert_eq!(desk.hear(&freeze(), "127.0.0.1:5000").answers.len(), 1);
    }

    #[test]
    fn another_device_is_heard_once_it_has_sent_the_code_and_cannot_try_many() {
        let mut desk = Desk::new();
        let tablet = "192.168.1.7:5000";
        let served = desk.hear(&freeze(), tablet);
        assert!(served.answers.is_empty(), "a forged sender gets nothing");
        assert_eq!(served.stranger, Some("192.168.1.7".parse().unwrap()));
        let pair = |code: &str| write_request(&Request::Pair(code.to_owned()));
        let paired = desk.hear(&pair(" 12345678"), tablet);
        assert_eq!(
            read_reply(&paired.answers[0]),
            Some(Ok("paired".to_owned()))
        );
        assert_eq!(desk.hear(&freeze(), "192.168.1.7:6000").answers.len(), 1);
        assert_eq!(desk.done.len(), 1);
        assert!(desk.hear(&freeze(), "192.168.1.8:5000").answers.is_empty());
        let answers: usize = (0..1000)
            .map(|n| {
                desk.hear(&pair(&format!("{n:08}")), "10.0.0.9:5000")
                    .answers
                    .len()
            })
            .sum();
        assert_eq!(answers, MOST_CODES_PER_MIN as usize - 1);
        assert!(
            desk.hear(&pair("12345678"), "10.0.0.9:5000")
                .answers
                .is_empty()
        );
    }

    #[test]
    fn without_a_code_no_other_device_is_heard() {
        let now = Instant::now();
        let mut gate = Gate::new(PORT, None, now);
        let from = "10.0.0.9:5000".parse().unwrap();
        let pair = write_request(&Request::Pair(String::new()));
        let served = gate.serve(&pair, from, now, |_| Ok(String::new()));
        assert!(read_reply(&served.answers[0]).is_some_and(|answer| answer.is_err()));
    }

    #[test]
    fn random_and_mutated_packets_leave_only_bounded_traces() {
        let mut desk = Desk::new();
        let mut random = Random::new(1);
        let mut next = move || random.bits();
        let seeds = [
            freeze(),
            bundle(&freeze(), 40),
            write_request(&Request::Pair("1".into())),
        ];
        let rounds = std::env::var("ABSCOPE_FUZZ_ROUNDS").ok();
        let rounds = rounds.and_then(|rounds| rounds.parse::<usize>().ok());
        let num_packets = rounds.map_or(200_000, |rounds| rounds * 100);
        let mut answers = 0;
        for n in 0..num_packets {
            let mut packet = seeds[n % seeds.len()].clone();
            for _ in 0..next() % 4 {
                let at = next() as usize % packet.len();
                packet[at] = next() as u8;
            }
            packet.truncate(next() as usize % (packet.len() * 2) + 1);
            let from = SocketAddr::new(IpAddr::V4((next() as u32).into()), next() as u16);
            let from = if n % 2 == 0 {
                from
            } else {
                "127.0.0.1:5000".parse().unwrap()
            };
            let done = &mut desk.done;
            let served = desk.gate.serve(&packet, from, desk.now, |request| {
                done.push(request.clone());
                done.clear();
                Err("no".to_owned())
            });
            answers += served.answers.len();
        }
        assert!(desk.gate.sources.len() <= MOST_SOURCES);
        assert!(
            answers as f64 <= MOST_ANSWERS_PER_SEC + MOST_CODES_PER_MIN,
            "{answers}"
        );
        let counts = desk.gate.counts;
        assert!(
            counts.limited > 0 && counts.ignored > 0 && counts.refused > 0,
            "{counts:?}"
        );
    }
}
