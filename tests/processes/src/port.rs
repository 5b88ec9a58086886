use std::io;
use std::net::{TcpListener, TcpStream};

/// A port of 127.0.0.1 that nobody listens on, for a program that cannot say which one it took. For a minute it is nobody's but a
/// listener's.
///
/// # Errors
/// When the machine has none left.
pub fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    // A connection that this end closes first keeps the port from all but listeners: nobody's call goes out by it.
    let client = TcpStream::connect(address)?;
    drop(listener.accept()?);
    drop(client);
    Ok(address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_listened_on() {
        let port = free_port().unwrap();
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    }
}
