//! Data and network in the form the kernel reads.

use teeter::Machine;
use teeter::random::Stream;

use crate::config::{Activation, Loss, Network};
use crate::data::{Dataset, Split};
use crate::error::HostError;
