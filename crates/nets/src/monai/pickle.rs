//! PyTorch checkpoints, without PyTorch and without executing anything.
//!
//! A checkpoint is a zip archive with a pickle and the bytes of each storage. The pickle is a program for Python; it's
//! read as data by candle's reader ([`candle_core::pickle`]), which knows the names of a few classes and calls
//! nothing. That reader trusts its input: values that hold each other a million deep overflow its stack, and references
//! to values that hold references fill the memory. So each pickle is measured first, and refused where it holds more
//! than any checkpoint does.

use super::{Error, Result};
use crate::unet::Weights;
use candle_core::{
    Device, Tensor,
    pickle::{Object, Stack},
};
use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, Read},
    path::Path,
};
use zip::{CompressionMethod, ZipArchive};

/// Bytes of a pickle at most: one of a thousand tensors has 200,000.
const PICKLE_MAX: u64 = 16 << 20;
/// Values that a pickle may hold in each other.
const DEPTH_MAX: u32 = 40;
/// Values that are made in reading a pickle, copies included.
const VALUES_MAX: u64 = 2_000_000;
/// Bytes of text that count as a value.
const TEXT_BYTES: u64 = 64;
/// Values of all tensors for a byte of the file: tensors may share a storage.
const SHARING_MAX: u64 = 4;

fn refused<T>(why: impl Into<String>) -> Result<T> {
    Err(Error::Checkpoint(why.into()))
}

type Archive = ZipArchive<BufReader<File>>;

/// Reads the tensors of a state dict, as float32.
///
/// # Errors
/// When the file isn't such a checkpoint, or has nothing under `key`.
pub(super) fn read(path: &Path, key: Option<&str>) -> Result<Weights> {
    let access = |source| Error::Access { path: path.to_owned(), source };
    let file = File::open(path).map_err(access)?;
    let length = file.metadata().map_err(access)?.len();
    let mut archive = ZipArchive::new(BufReader::new(file))
        .map_err(|e| Error::Checkpoint(format!("no zip archive: {e}")))?;
    let names = archive.file_names().map(|name| name.map(std::borrow::Cow::into_owned));
    let names = names.collect::<std::result::Result<Vec<String>, _>>();
    let names = names.map_err(|e| Error::Checkpoint(format!("the archive's names: {e}")))?;
    let pickles: Vec<&String> = names.iter().filter(|name| name.ends_with("/data.pkl")).collect();
    let [pickle] = pickles.as_slice() else {
        return refused(format!("{} entries are called data.pkl", pickles.len()));
    };
    let folder = pickle.trim_end_matches("data.pkl").to_owned();
    if names.contains(&format!("{folder}byteorder"))
        && entry(&mut archive, &format!("{folder}byteorder"), 16)? != b"little"
    {
        return refused("its bytes aren't in little-endian order");
    }
    let bytes = entry(&mut archive, pickle, PICKLE_MAX)?;
    let mut storages = Storages { archive, folder, length, read: HashMap::new(), values: 0 };
    let mut weights = Weights::new();
    for (name, value) in state_dict(&bytes, key)? {
        if let (Object::Unicode(name), Some(view)) = (name, View::of(value)) {
            let tensor = storages.tensor(&name, &view)?;
            weights.insert(name, tensor);
        }
    }
    Ok(weights)
}

/// Reads an entry of the archive, which PyTorch stores as it is: nothing that is small unpacks to something large.
fn entry(archive: &mut Archive, name: &str, bytes_max: u64) -> Result<Vec<u8>> {
    let broken = |e: &dyn std::fmt::Display| Error::Checkpoint(format!("entry {name}: {e}"));
    let file = archive.by_name(name).map_err(|e| broken(&e))?;
    if file.compression() != CompressionMethod::Stored || file.size() > bytes_max {
        return refused(format!("entry {name} is compressed, or has {} bytes", file.size()));
    }
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes).map_err(|e| broken(&e))?;
    Ok(bytes)
}

/// Gives the entries of the pickled dictionary, or of the one that it holds under `key`.
fn state_dict(bytes: &[u8], key: Option<&str>) -> Result<Vec<(Object, Object)>> {
    measure(bytes)?;
    let mut stack = Stack::empty();
    let broken = |e: candle_core::Error| Error::Checkpoint(e.to_string());
    stack.read_loop(&mut &bytes[..]).map_err(broken)?;
    let Object::Dict(entries) = stack.finalize().map_err(broken)? else {
        return refused("it holds no dictionary");
    };
    let Some(key) = key else { return Ok(entries) };
    let named = |(name, _): &(Object, Object)| matches!(name, Object::Unicode(name) if name == key);
    match entries.into_iter().find(named) {
        Some((_, Object::Dict(entries))) => Ok(entries),
        Some(_) => refused(format!("what it holds under '{key}' is no dictionary")),
        None => refused(format!("it holds nothing under '{key}'")),
    }
}

/// A value on the stack: how deep it goes and how many values it holds.
#[derive(Debug, Clone, Copy)]
struct Measured {
    depth: u32,
    values: u64,
}

/// What reading a pickle would make.
#[derive(Default)]
struct Measure {
    /// `None` is a mark.
    stack: Vec<Option<Measured>>,
    kept: HashMap<u32, Option<Measured>>,
    values: u64,
}

impl Measure {
    fn push(&mut self, value: Option<Measured>) -> Result<()> {
        let Measured { depth, values } = value.unwrap_or(Measured { depth: 1, values: 1 });
        self.values += values;
        if depth > DEPTH_MAX || self.values > VALUES_MAX {
            return refused("its pickle holds more than a checkpoint does");
        }
        self.stack.push(value);
        Ok(())
    }

    fn leaf(&mut self, values: u64) -> Result<()> {
        self.push(Some(Measured { depth: 1, values }))
    }

    /// Replaces the last values by one that holds them; a mark among them counts as one.
    fn wrap(&mut self, count: usize) -> Result<()> {
        let parts = self.last(count)?;
        self.wrapped(&parts)
    }

    fn wrapped(&mut self, parts: &[Option<Measured>]) -> Result<()> {
        let parts = parts.iter().map(|part| part.unwrap_or(Measured { depth: 1, values: 1 }));
        let held = parts.fold(Measured { depth: 0, values: 0 }, |held, part| Measured {
            depth: held.depth.max(part.depth),
            values: held.values + part.values,
        });
        // The parts move, so they aren't made anew, but for what copies them later they count.
        self.values = self.values.saturating_sub(held.values);
        self.push(Some(Measured { depth: held.depth + 1, values: held.values + 1 }))
    }

    fn since_mark(&mut self) -> Result<Vec<Option<Measured>>> {
        let Some(mark) = self.stack.iter().rposition(Option::is_none) else {
            return refused("its pickle has no mark");
        };
        let parts = self.stack.split_off(mark + 1);
        self.stack.pop();
        Ok(parts)
    }

    /// Adds values to the container below them, which gets no deeper by how many they are.
    fn add(&mut self, parts: &[Option<Measured>]) -> Result<()> {
        let Some(Some(container)) = self.stack.pop() else {
            return refused("its pickle has no container");
        };
        self.wrapped(parts)?;
        self.values -= 1;
        if let Some(Some(top)) = self.stack.last_mut() {
            top.depth = top.depth.max(container.depth);
            top.values += container.values - 1;
        }
        Ok(())
    }

    /// Takes the last values.
    fn last(&mut self, count: usize) -> Result<Vec<Option<Measured>>> {
        match self.stack.len().checked_sub(count) {
            Some(first) => Ok(self.stack.split_off(first)),
            None => refused("its pickle takes what isn't there"),
        }
    }

    fn copy(&mut self, id: u32) -> Result<()> {
        match self.kept.get(&id).copied() {
            Some(value) => self.push(value),
            None => refused("its pickle refers to what isn't there"),
        }
    }

    fn keep(&mut self, id: u32) -> Result<()> {
        let Some(value) = self.stack.last().copied() else {
            return refused("its pickle keeps what isn't there");
        };
        self.values += value.map_or(1, |value| value.values);
        self.kept.insert(id, value);
        Ok(())
    }
}

/// The bytes of a pickle that aren't read yet.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        match self.0.split_at_checked(count) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => refused("its pickle ends too early"),
        }
    }

    /// A number of up to four bytes, the lowest first.
    fn number(&mut self, bytes: usize) -> Result<u32> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn line(&mut self) -> Result<u64> {
        let Some(end) = self.0.iter().position(|byte| *byte == b'\n') else {
            return refused("its pickle ends too early");
        };
        self.take(end + 1).map(|line| line.len() as u64)
    }
}

/// Refuses a pickle whose reading would take more memory or depth than a checkpoint does.
///
/// # Source
/// The opcodes that candle 0.11 reads, by Python's `pickletools`.
fn measure(bytes: &[u8]) -> Result<()> {
    let mut rest = Bytes(bytes);
    let mut measure = Measure::default();
    loop {
        let operation = rest.take(1)?[0];
        match operation {
            b'.' => return Ok(()),
            0x80 => drop(rest.take(1)?),
            b'c' => {
                let text = rest.line()? + rest.line()?;
                measure.leaf(1 + text / TEXT_BYTES)?;
            }
            b'X' => {
                let length = rest.number(4)?;
                rest.take(length as usize)?;
                measure.leaf(1 + u64::from(length) / TEXT_BYTES)?;
            }
            b'K' | b'M' | b'J' | b'G' => {
                rest.take(match operation {
                    b'K' => 1,
                    b'M' => 2,
                    b'J' => 4,
                    _ => 8,
                })?;
                measure.leaf(1)?;
            }
            0x8a => {
                // candle shifts a longer number beyond its 64 bits.
                let length = rest.number(1)?;
                if length > 8 {
                    return refused("its pickle holds a number of more than 64 bits");
                }
                rest.take(length as usize)?;
                measure.leaf(1)?;
            }
            b'N' | 0x88 | 0x89 | b')' | b']' | b'}' => measure.leaf(1)?,
            b'(' => measure.push(None)?,
            b'Q' | 0x85 => measure.wrap(1)?,
            0x86 | b'R' | b'b' | 0x81 => measure.wrap(2)?,
            0x87 => measure.wrap(3)?,
            b't' => {
                let parts = measure.since_mark()?;
                measure.wrapped(&parts)?;
            }
            b'e' | b'u' => {
                let parts = measure.since_mark()?;
                measure.add(&parts)?;
            }
            b'a' | b's' => {
                let parts = measure.last(if operation == b'a' { 1 } else { 2 })?;
                measure.add(&parts)?;
            }
            b'q' => {
                let id = rest.number(1)?;
                measure.keep(id)?;
            }
            b'r' => {
                let id = rest.number(4)?;
                measure.keep(id)?;
            }
            b'h' => {
                let id = rest.number(1)?;
                measure.copy(id)?;
            }
            b'j' => {
                let id = rest.number(4)?;
                measure.copy(id)?;
            }
            other => return refused(format!("its pickle has the unknown operation {other}")),
        }
    }
}

/// How a tensor lies in its storage.
struct View {
    storage: String,
    class: String,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

impl View {
    /// Takes what PyTorch writes for a tensor or a parameter; anything else is none.
    fn of(value: Object) -> Option<Self> {
        let (class, mut args) = call(value)?;
        match class.as_str() {
            "torch._utils._rebuild_tensor_v2" => {}
            "torch._utils._rebuild_parameter" => return Self::of(args.into_iter().next()?),
            "torch._tensor._rebuild_from_type_v2" => {
                args.truncate(3);
                let [callable, _, args] = <[Object; 3]>::try_from(args).ok()?;
                return Self::of(Object::Reduce { callable: Box::new(callable), args: Box::new(args) });
            }
            _ => return None,
        }
        args.truncate(4);
        let [storage, offset, shape, strides] = <[Object; 4]>::try_from(args).ok()?;
        let mut storage = storage.persistent_load().ok()?.tuple().ok()?;
        storage.truncate(3);
        let [_, class, key] = <[Object; 3]>::try_from(storage).ok()?;
        let (_, class) = class.class().ok()?;
        Some(Self {
            storage: key.unicode().ok()?,
            class,
            offset: usize::try_from(offset.int_or_long().ok()?).ok()?,
            shape: numbers(shape)?,
            strides: numbers(strides)?,
        })
    }
}

/// The qualified name and the arguments of a call.
fn call(value: Object) -> Option<(String, Vec<Object>)> {
    let (callable, args) = value.reduce().ok()?;
    let (module, class) = callable.class().ok()?;
    Some((format!("{module}.{class}"), args.tuple().ok()?))
}

fn numbers(tuple: Object) -> Option<Vec<usize>> {
    let number = |value: Object| usize::try_from(value.int_or_long().ok()?).ok();
    tuple.tuple().ok()?.into_iter().map(number).collect()
}

/// The storages of an archive, read as they are asked for.
struct Storages {
    archive: Archive,
    /// Folder of the archive, with the slash behind it.
    folder: String,
    /// Bytes of the whole file.
    length: u64,
    read: HashMap<String, Vec<f32>>,
    /// Values of the tensors so far.
    values: u64,
}

impl Storages {
    fn tensor(&mut self, name: &str, view: &View) -> Result<Tensor> {
        let values = self.storage(name, view)?;
        let count = view.shape.iter().try_fold(1_usize, |count, &length| count.checked_mul(length));
        let Some(count) = count.filter(|count| *count <= values && view.shape.len() == view.strides.len())
        else {
            return refused(format!("tensor {name} of {:?} has {values} values", view.shape));
        };
        self.values += count as u64;
        if self.values > SHARING_MAX * self.length {
            return refused("its tensors are larger than the file");
        }
        let reach = |(&length, &stride): (&usize, &usize)| length.checked_sub(1)?.checked_mul(stride);
        let mut last = view.shape.iter().zip(&view.strides).map(reach);
        let last = last.try_fold(view.offset, |sum, reach| sum.checked_add(reach?));
        if count > 0 && last.is_none_or(|last| last >= values) {
            return refused(format!("tensor {name} lies beyond its storage of {values} values"));
        }
        let storage = &self.read[&view.storage];
        let mut gathered = Vec::with_capacity(count);
        let mut place = vec![0; view.shape.len()];
        for _ in 0..count {
            let at = view.offset + place.iter().zip(&view.strides).map(|(a, b)| a * b).sum::<usize>();
            gathered.push(storage[at]);
            for (axis, length) in view.shape.iter().enumerate().rev() {
                place[axis] += 1;
                if place[axis] < *length {
                    break;
                }
                place[axis] = 0;
            }
        }
        Ok(Tensor::from_vec(gathered, view.shape.as_slice(), &Device::Cpu)?)
    }

    /// Reads a storage, if it isn't there yet; gives the number of its values.
    fn storage(&mut self, name: &str, view: &View) -> Result<usize> {
        if !self.read.contains_key(&view.storage) {
            let entry_name = format!("{}data/{}", self.folder, view.storage);
            let bytes = entry(&mut self.archive, &entry_name, self.length)?;
            let values = values(&bytes, &view.class)
                .ok_or_else(|| Error::NumberType { name: name.to_owned(), found: view.class.clone() })?;
            self.read.insert(view.storage.clone(), values);
        }
        Ok(self.read[&view.storage].len())
    }
}

/// Gives the numbers of a storage as float32, or none for a class of storage that isn't read.
fn values(bytes: &[u8], class: &str) -> Option<Vec<f32>> {
    let number = match class {
        "FloatStorage" => "F32",
        "DoubleStorage" => "F64",
        "HalfStorage" => "F16",
        "BFloat16Storage" => "BF16",
        "LongStorage" => "I64",
        "ByteStorage" => "U8",
        _ => return None,
    };
    super::checkpoint::floats(bytes, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's `pickle.dumps` of what a comment says, by hand.
    fn pickle(parts: &[&[u8]]) -> Vec<u8> {
        [&[0x80, 2], parts.concat().as_slice(), b"."].concat()
    }

    #[test]
    fn values_within_values_without_end_are_refused() {
        let deep = pickle(&[b")", &[0x85].repeat(1_000_000)]);
        assert!(matches!(measure(&deep), Err(Error::Checkpoint(why)) if why.contains("more than")));
        let fine = pickle(&[b")", &[0x85].repeat(30)]);
        measure(&fine).unwrap();
    }

    #[test]
    fn copies_of_copies_are_refused() {
        // Each step holds the one before twice: 2⁶⁴ values from 640 bytes, were they made.
        let doubled = [b'q', 0, b'h', 0, 0x86].repeat(64);
        let bomb = pickle(&[b"N", &doubled]);
        assert!(matches!(measure(&bomb), Err(Error::Checkpoint(why)) if why.contains("more than")));
        // The same with lists, to which values are added one by one.
        let listed = [b']', b'h', 0, b'a', b'h', 0, b'a', b'q', 0].repeat(200);
        let bomb = pickle(&[b"N", b"q", &[0], &listed]);
        assert!(measure(&bomb).is_err());
    }

    #[test]
    fn a_dictionary_of_many_entries_is_no_deeper_than_one_of_few() {
        let entries = [b"(".as_slice(), &b"NN".repeat(1000), b"u"].concat().repeat(100);
        measure(&pickle(&[b"}", &entries])).unwrap();
        measure(&pickle(&[b"]", &b"Na".repeat(100_000)])).unwrap();
    }

    #[test]
    fn what_candle_would_fall_over_is_refused() {
        assert!(measure(&pickle(&[&[0x8a, 9], &[1; 9]])).is_err(), "a number of 72 bits");
        assert!(measure(&pickle(&[b"X", &u32::MAX.to_le_bytes()])).is_err(), "text without an end");
        assert!(measure(&pickle(&[b"i", b"os\nsystem\n"])).is_err(), "an operation that calls");
        assert!(measure(&[]).is_err());
    }

    #[test]
    fn a_call_is_data_and_no_tensor() {
        // {"weight": os.system("true")}
        let call = pickle(&[
            b"}X",
            &6_u32.to_le_bytes(),
            b"weight",
            b"cos\nsystem\n",
            b"X",
            &4_u32.to_le_bytes(),
            b"true",
            &[0x85],
            b"Rs",
        ]);
        let entries = state_dict(&call, None).unwrap();
        assert_eq!(entries.len(), 1);
        assert!(entries.into_iter().all(|(_, value)| View::of(value).is_none()));
    }

    #[test]
    fn calls_with_other_arguments_than_pytorchs_are_no_tensors() {
        let class = |module: &str, class: &str| {
            Box::new(Object::Class { module_name: module.into(), class_name: class.into() })
        };
        for name in ["_rebuild_tensor_v2", "_rebuild_parameter"] {
            for count in 0..6 {
                let args = Box::new(Object::Tuple(vec![Object::Int(-1); count]));
                assert!(View::of(Object::Reduce { callable: class("torch._utils", name), args }).is_none());
            }
        }
        for count in 0..6 {
            let args = Box::new(Object::Tuple(vec![Object::None; count]));
            let callable = class("torch._tensor", "_rebuild_from_type_v2");
            assert!(View::of(Object::Reduce { callable, args }).is_none(), "{count}");
        }
    }
}
