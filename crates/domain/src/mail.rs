//! An e-mail to a person: its state machine (waiting → sent | failed → waiting again | closed).

use crate::machine::{Illegal, Transition};
use crate::spelled;

/// The state of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailState {
    /// It is sent, or retried, at its due time.
    Waiting,
    /// It stays in the sandbox's mailbox, because there is no mail server.
    Kept,
    /// A mail server accepted it.
    Sent,
    /// It was refused for good, or all attempts failed.
    Failed,
    /// It failed, and an operator has seen that.
    Closed,
}

/// The inputs of an e-mail's state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailInput {
    /// A mail server accepted it.
    Accepted,
    /// An attempt failed, and a retry may succeed.
    Delayed,
    /// A mail server refused it for good, or all attempts failed.
    GivenUp,
    /// An operator requests another attempt.
    SendAgain,
    /// An operator has seen that it failed.
    Close,
}

/// E-mails have no domain events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailEvent {}

spelled!(MailState { Waiting = "waiting", Kept = "kept", Sent = "sent", Failed = "failed", Closed = "closed" });

impl MailState {
    /// Takes one step of the machine.
    pub fn step(self, input: MailInput) -> Result<Transition<Self, MailEvent>, Illegal> {
        use MailInput::{Accepted, Close, Delayed, GivenUp, SendAgain};
        let illegal = |input| Err(Illegal { machine: "mail", state: self.name(), input });
        match (self, input) {
            (Self::Waiting, Accepted) => Ok(Transition::silent(Self::Sent)),
            (Self::Waiting, GivenUp) => Ok(Transition::silent(Self::Failed)),
            (Self::Waiting, Delayed) | (Self::Failed | Self::Closed, SendAgain) => {
                Ok(Transition::silent(Self::Waiting))
            }
            (Self::Failed, Close) => Ok(Transition::silent(Self::Closed)),
            (Self::Kept | Self::Sent | Self::Failed | Self::Closed, Accepted) => illegal("taken"),
            (Self::Kept | Self::Sent | Self::Failed | Self::Closed, Delayed) => illegal("delayed"),
            (Self::Kept | Self::Sent | Self::Failed | Self::Closed, GivenUp) => illegal("given_up"),
            (Self::Waiting | Self::Kept | Self::Sent, SendAgain) => illegal("send_again"),
            (Self::Waiting | Self::Kept | Self::Sent | Self::Closed, Close) => illegal("close"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mail_machine_is_this_matrix() {
        use MailInput as I;
        let inputs = [I::Accepted, I::Delayed, I::GivenUp, I::SendAgain, I::Close];
        insta::assert_snapshot!(crate::machine::matrix(&MailState::ALL, &inputs, |s, i| s.step(*i)));
    }
}
