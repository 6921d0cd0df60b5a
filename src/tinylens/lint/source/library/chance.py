"""What draws at random: seeds, and the order that a shuffle leaves behind.

Two shuffles after the same seed, or from the same state, are alike, and are known by the same name.
"""

import ast
from typing import Any

from tinylens.lint.source.call import Call
from tinylens.lint.source.data import Data
from tinylens.lint.source.values import Made, Name, Thing, number, text_of

SEEDING = ("set_seed", "seed_everything", "set_random_seed", "fix_seed", "setup_seed", "seed_all", "set_determinism",
           "manual_seed_all")  # fmt: skip
GENERATORS = ("default_rng", "RandomState", "Generator")  # of random numbers
STATE = "state"  # begins the name of a state that was kept, which is no seed


def drawn_order(call: Call, what: str) -> str:
    """The name of an order that is drawn now: after a seed, or a state, by which it is known, else a new one."""
    generator = next((one for one in (call.of, call.get("generator")) if isinstance(one, Made)), None)
    if generator is not None:
        seed = generator.fields.pop("not drawn from", None)
        return f"{what} after {seed}" if seed else call.reading.fresh(what)
    seeds = call.reading.program.seeds
    if not seeds or not seeds[-1].endswith("!"):
        return call.reading.fresh(what)
    seeds[-1] = seeds[-1][:-1]
    return f"{what} after {seeds[-1]}"


def shuffled_list(call: Call) -> Any:
    """random.shuffle, numpy.random.shuffle: what a name stands for is in another order from here on."""
    value, how = call.get(0), drawn_order(call, "shuffle")
    target = call.node.args[0] if call.node is not None and call.node.args else None
    if not isinstance(value, Data):
        return None
    if isinstance(target, ast.Name):
        call.reading.scope.names[target.id] = value.shuffle(how)
    elif isinstance(target, ast.Attribute):
        from tinylens.lint.source.expressions import evaluate

        owner = evaluate(call.reading, target.value)
        if isinstance(owner, Thing):
            owner.fields[target.attr] = value.shuffle(how)
    return None


def seeded(call: Call) -> Any:
    """A seed is set; of a generator of its own, that one's."""
    seed = f"{call.name.path}({[text_of(v) or number(v) for v in call.values]})"
    call.reading.program.seeds.append(f"{seed}!")
    if call.name.last not in GENERATORS:
        return None
    made = Made(call.name, {}, call.place)
    made.fields["not drawn from"] = seed
    return made


def manual_seed(call: Call) -> Any:
    """torch.manual_seed, torch.Generator().manual_seed(42)."""
    seed = f"{call.name.path}({[number(v) for v in call.values]})"
    call.reading.program.seeds.append(f"{seed}!")
    if isinstance(call.of, Made):
        call.of.fields |= {"seed": number(call.get(0)), "not drawn from": seed}
        return call.of
    return None


def state_kept(call: Call) -> Any:
    """np.random.get_state(): what is drawn from here on can be drawn again."""
    label = call.reading.fresh(STATE)
    call.reading.program.seeds.append(f"{label}!")
    return Made(Name("numpy.random.State"), {"label": label}, call.place)


def state_set(call: Call) -> Any:
    """np.random.set_state(state)."""
    state = call.get(0, "state", "new_state")
    if isinstance(state, Made) and isinstance(state.get("label"), str):
        call.reading.program.seeds.append(f"{state.get('label')}!")
    return None


FUNCTIONS = {
    "random:shuffle": shuffled_list,
    "random:seed": seeded,
    "numpy:shuffle": shuffled_list,
    "numpy:seed": seeded,
    "numpy:default_rng": seeded,
    "numpy:RandomState": seeded,
    **{f"*:{name}": seeded for name in SEEDING},
    "torch:manual_seed": manual_seed,
    "numpy:get_state": state_kept,
    "numpy:set_state": state_set,
    "random:getstate": state_kept,
    "random:setstate": state_set,
    "torch:get_rng_state": state_kept,
    "torch:set_rng_state": state_set,
}
METHODS = {
    **{f"{kind}.shuffle": shuffled_list for kind in GENERATORS},
    "Generator.manual_seed": manual_seed,
}
