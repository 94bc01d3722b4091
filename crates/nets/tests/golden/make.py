"""Makes the golden files of the MONAI networks and schedulers; they were made once, and the tests only read them.

Made with Python 3.11, Debian 12's python3-torch 1.13.1 on a CPU, numpy 1.24.2, einops 0.8.2, safetensors 0.8.0 and
monai 1.4.0; the schedulers of release "1.6" with the files of monai 1.6.1 (which needs a newer PyTorch as a whole):

    apt-get install --no-install-recommends python3-torch python3-venv
    /usr/bin/python3 -m venv --system-site-packages golden-venv
    golden-venv/bin/pip install safetensors==0.8.0 einops==0.8.2
    golden-venv/bin/pip install --no-deps monai==1.4.0
    golden-venv/bin/pip download --no-deps --dest golden-venv monai==1.6.1
    python3 -m zipfile -e golden-venv/monai-1.6.1-py3-none-any.whl golden-venv/monai-1.6.1
    golden-venv/bin/python make.py golden-venv/monai-1.6.1/monai/networks/schedulers

Of each network NAME.json holds the constructor's parameters, NAME.weights.safetensors the state dict and
NAME.case.safetensors what went in and what came out. Every weight is drawn anew, because MONAI starts some at zero.
"""

import importlib
import json
import sys
import types

import torch
from monai.inferers import LatentDiffusionInferer
from monai.networks import schedulers as schedulers_1_4
from monai.networks.nets import AutoencoderKL, DiffusionModelUNet, PatchDiscriminator
from safetensors.torch import load_file, save_file


def randomise(net):
    """Draws all weights: around 1 for the scales of norms, so that nothing cancels."""
    for name, value in list(net.named_parameters()) + list(net.named_buffers()):
        if name.endswith("num_batches_tracked"):
            value.data.fill_(3)
        elif name.endswith("running_var"):
            value.data.copy_(0.5 + torch.rand_like(value))
        elif value.ndim == 1 and name.endswith("weight"):
            value.data.copy_(1 + 0.2 * torch.randn_like(value))
        elif value.ndim == 1:
            value.data.copy_(0.1 * torch.randn_like(value))
        else:
            value.data.copy_(torch.randn_like(value) * value[0].numel() ** -0.5)


def save(name, net, config, case):
    with open(f"{name}.json", "w") as file:
        json.dump(config, file, indent=1)
        file.write("\n")
    save_file({key: value.contiguous() for key, value in net.state_dict().items()}, f"{name}.weights.safetensors")
    save_file({key: value.contiguous() for key, value in case.items()}, f"{name}.case.safetensors")


@torch.no_grad()
def autoencoder(name, shape, **config):
    torch.manual_seed(len(name))
    net = AutoencoderKL(**config).eval()
    randomise(net)
    x = torch.randn(shape)
    mean, sigma = net.encode(x)
    z = torch.randn_like(mean)
    save(name, net, config, {"x": x, "mean": mean, "sigma": sigma, "z": z, "decoded": net.decode(z),
                             "reconstructed": net.reconstruct(x)})


@torch.no_grad()
def diffusion(name, shape, tokens=None, **config):
    torch.manual_seed(len(name) + 50)
    net = DiffusionModelUNet(**config).eval()
    randomise(net)
    case = {"x": torch.randn(shape), "timesteps": torch.tensor([7, 931][: shape[0]])}
    given = {}
    if config.get("with_conditioning"):
        case["context"] = given["context"] = torch.randn(shape[0], tokens, config["cross_attention_dim"])
    if config.get("num_class_embeds"):
        case["class_labels"] = given["class_labels"] = torch.tensor([2, 0][: shape[0]])
    case["y"] = net(case["x"], case["timesteps"], **given)
    if config.get("with_conditioning"):
        # Without a context, the tokens attend to themselves where the widths allow it.
        given.pop("context")
        if config["cross_attention_dim"] == config["channels"][0]:
            case["y_without_context"] = net(case["x"], case["timesteps"], **given)
    save(name, net, config, case)
    return net


@torch.no_grad()
def discriminator(name, shape, **config):
    torch.manual_seed(len(name) + 90)
    net = PatchDiscriminator(**config).eval()
    randomise(net)
    case = {"x": torch.randn(shape)}
    case |= {f"eval.{index}": value for index, value in enumerate(net(case["x"]))}
    weights = {key: value.clone() for key, value in net.state_dict().items()}
    case |= {f"train.{index}": value for index, value in enumerate(net.train()(case["x"]))}
    net.load_state_dict(weights)
    save(name, net, config, case)


def networks():
    autoencoder("autoencoder_2d", (2, 1, 12, 16), spatial_dims=2, in_channels=1, out_channels=1,
                num_res_blocks=[1, 2], channels=[8, 16], attention_levels=[False, True], latent_channels=3,
                norm_num_groups=4)
    autoencoder("autoencoder_2d_transposed", (1, 2, 16, 8), spatial_dims=2, in_channels=2, out_channels=1,
                num_res_blocks=1, channels=[4, 8, 8], attention_levels=[False, False, False], latent_channels=2,
                norm_num_groups=4, with_encoder_nonlocal_attn=False, use_convtranspose=True)
    autoencoder("autoencoder_3d", (1, 1, 8, 4, 6), spatial_dims=3, in_channels=1, out_channels=2,
                num_res_blocks=[1, 1], channels=[4, 8], attention_levels=[True, False], latent_channels=2,
                norm_num_groups=2, with_decoder_nonlocal_attn=False, use_combined_linear=True)
    autoencoder("autoencoder_3d_transposed", (1, 1, 4, 6, 4), spatial_dims=3, num_res_blocks=1, channels=[4, 6],
                attention_levels=[False, True], latent_channels=2, norm_num_groups=2, norm_eps=1e-5,
                with_encoder_nonlocal_attn=False, use_convtranspose=True, include_fc=False)
    plain = diffusion("diffusion_2d", (2, 2, 8, 12), spatial_dims=2, in_channels=2, out_channels=1,
                      num_res_blocks=1, channels=[8, 16], attention_levels=[False, True], norm_num_groups=4,
                      num_head_channels=4)
    diffusion("diffusion_2d_conditioned", (2, 1, 8, 8), tokens=3, spatial_dims=2, in_channels=1, out_channels=2,
              num_res_blocks=[1, 2], channels=[4, 8], attention_levels=[True, True], norm_num_groups=4,
              resblock_updown=True, num_head_channels=[2, 4], with_conditioning=True, transformer_num_layers=2,
              cross_attention_dim=5, num_class_embeds=3, upcast_attention=True, use_combined_linear=True)
    diffusion("diffusion_2d_own_context", (2, 1, 8, 8), tokens=4, spatial_dims=2, in_channels=1, out_channels=1,
              num_res_blocks=1, channels=[8, 8], attention_levels=[False, True], norm_num_groups=2,
              num_head_channels=8, with_conditioning=True, cross_attention_dim=8, include_fc=False)
    diffusion("diffusion_3d", (1, 1, 4, 8, 4), spatial_dims=3, in_channels=1, out_channels=1, num_res_blocks=1,
              channels=[4, 8], attention_levels=[False, True], norm_num_groups=2, num_head_channels=4)
    diffusion("diffusion_3d_conditioned", (1, 2, 8, 4, 4), tokens=2, spatial_dims=3, in_channels=2,
              out_channels=1, num_res_blocks=1, channels=[5, 10], attention_levels=[False, True],
              norm_num_groups=5, resblock_updown=True, num_head_channels=5, with_conditioning=True,
              cross_attention_dim=3)
    discriminator("discriminator_2d", (2, 1, 24, 32), spatial_dims=2, channels=4, in_channels=1, num_layers_d=2)
    discriminator("discriminator_2d_instance", (2, 2, 20, 24), spatial_dims=2, channels=4, in_channels=2,
                  out_channels=2, num_layers_d=2, kernel_size=3, norm="INSTANCE", bias=True,
                  last_conv_kernel_size=1)
    discriminator("discriminator_3d", (2, 1, 16, 12, 12), spatial_dims=3, channels=2, in_channels=1,
                  num_layers_d=1)
    checkpoints(plain)


def checkpoints(net):
    """The checkpoint of a training script, and one with views, other number types and a parameter."""
    torch.save({"epoch": 3, "unet_state_dict": net.state_dict(), "scale_factor": torch.tensor(0.9)},
               "diffusion_2d.pth")
    torch.manual_seed(7)
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    torch.save({"base": base, "rows": base[1:3], "turned": base.t(), "column": base[:, 2],
                "half": base.half(), "brain": base.bfloat16(), "double": base.double(), "count": torch.tensor(5),
                "parameter": torch.nn.Parameter(base[0])}, "views.pth")


SCHEDULES = [
    {"schedule": "linear_beta"},
    {"schedule": "scaled_linear_beta", "beta_start": 0.0015, "beta_end": 0.0195},
    {"schedule": "sigmoid_beta", "sig_range": 5},
    {"schedule": "cosine", "s": 0.01},
]


@torch.no_grad()
def steps(release, package):
    """Steps of both schedulers under all schedules and predictions; the noise that they draw is drawn again.

    Release 1.4 refuses any offset in its constructor.
    """
    torch.manual_seed(11)
    x, output = torch.randn(2, 1, 4, 5), torch.randn(2, 1, 4, 5)
    case, configs = {"x": x, "output": output}, []
    for index, schedule in enumerate(SCHEDULES):
        prediction = ["epsilon", "sample", "v_prediction", "epsilon"][index]
        common = {"num_train_timesteps": 100, "clip_sample": index != 1, "prediction_type": prediction, **schedule}
        if index == 2:
            common |= {"clip_sample_min": -0.5, "clip_sample_max": 2.0}
        ddpm_config = common | {"variance_type": ["fixed_small", "fixed_large"][index % 2]}
        ddim_config = common | {"set_alpha_to_one": index != 2, "steps_offset": index % 2 if release == "1_6" else 0}
        configs.append({"ddpm": ddpm_config, "ddim": ddim_config})
        ddpm = package.DDPMScheduler(**ddpm_config)
        times = torch.tensor([3, 99])
        case[f"{index}.betas"], case[f"{index}.alphas_cumprod"] = ddpm.betas, ddpm.alphas_cumprod
        case[f"{index}.noised"] = ddpm.add_noise(x, output, times)
        case[f"{index}.velocity"] = ddpm.get_velocity(x, output, times)
        ddpm.set_timesteps(7)
        case[f"{index}.ddpm.timesteps"] = ddpm.timesteps
        ddim = package.DDIMScheduler(**ddim_config)
        ddim.set_timesteps(7)
        case[f"{index}.ddim.timesteps"] = ddim.timesteps
        noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(index))
        case[f"{index}.noise"] = noise
        for time in [0, 1, 42, 98]:
            generator = torch.Generator().manual_seed(index)
            sample, original = ddpm.step(output, time, x, generator=generator)
            case |= {f"{index}.ddpm.{time}.sample": sample, f"{index}.ddpm.{time}.original": original}
            for eta in [0.0, 0.7]:
                generator = torch.Generator().manual_seed(index)
                sample, original = ddim.step(output, time, x, eta=eta, generator=generator)
                case |= {f"{index}.ddim.{time}.{eta}.sample": sample, f"{index}.ddim.{time}.{eta}.original": original}
    with open(f"schedulers_{release}.json", "w") as file:
        json.dump(configs, file, indent=1)
        file.write("\n")
    save_file({key: value.clone() for key, value in case.items()}, f"schedulers_{release}.case.safetensors")


SCALE_FACTOR = 0.8
FLOWS = [
    {"num_train_timesteps": 1000},
    {"num_train_timesteps": 1000, "use_discrete_timesteps": False, "sample_method": "logit-normal", "loc": 0.2,
     "scale": 1.4, "use_timestep_transform": True, "base_img_size_numel": 16, "spatial_dim": 2},
    {"num_train_timesteps": 500, "use_timestep_transform": True, "base_img_size_numel": 100, "spatial_dim": 2,
     "steps_offset": 1},
]


@torch.no_grad()
def latent(flow):
    """Encoding, drawing and decoding over the autoencoder of `autoencoder_2d`, with a context and concatenated."""
    with open("autoencoder_2d.json") as file:
        autoencoder = AutoencoderKL(**json.load(file)).eval()
    autoencoder.load_state_dict(load_file("autoencoder_2d.weights.safetensors"))
    torch.manual_seed(21)
    config = {"spatial_dims": 2, "in_channels": 5, "out_channels": 3, "num_res_blocks": 1, "channels": [4, 8],
              "attention_levels": [False, True], "norm_num_groups": 2, "num_head_channels": 4}
    net = DiffusionModelUNet(**config).eval()
    randomise(net)
    image, further = torch.randn(2, 1, 12, 16), torch.randn(2, 2, 6, 8)
    mean, sigma = autoencoder.encode(image)
    torch.manual_seed(22)
    encoded = autoencoder.encode_stage_2_inputs(image) * SCALE_FACTOR
    noise = torch.randn(2, 3, 6, 8)
    case = {"image": image, "further": further, "mean": mean, "sigma": sigma, "encoded": encoded, "noise": noise}
    schedule = {"num_train_timesteps": 100, "schedule": "scaled_linear_beta", "clip_sample": False}
    given = {"conditioning": further, "mode": "concat", "verbose": False}
    for name, scheduler in [("ddim", schedulers_1_4.DDIMScheduler(**schedule)),
                            ("ddpm", schedulers_1_4.DDPMScheduler(**schedule))]:
        scheduler.set_timesteps(5)
        torch.manual_seed(23)
        inferer = LatentDiffusionInferer(scheduler, scale_factor=SCALE_FACTOR)
        case[name] = inferer.sample(noise, autoencoder, net, **given)
    torch.manual_seed(23)
    case |= {f"draw.{index}": torch.randn(noise.shape) for index in range(4)}
    for index, parameters in enumerate(FLOWS):
        scheduler = flow.RFlowScheduler(**parameters)
        scheduler.set_timesteps(7, input_img_size_numel=48)
        times = scheduler.timesteps
        case[f"flow.{index}.timesteps"] = times.float()
        case[f"flow.{index}.noised"] = scheduler.add_noise(encoded, noise, torch.tensor([3.0, 400.0]))
        sample = noise
        for time, following in zip(times, torch.cat((times[1:], torch.zeros(1, dtype=times.dtype)))):
            output = net(torch.cat([sample, further], 1), timesteps=torch.Tensor((time,)))
            sample, original = scheduler.step(output, time, sample, following)
        case |= {f"flow.{index}.original": original,
                 f"flow.{index}.drawn": autoencoder.decode_stage_2_outputs(sample / SCALE_FACTOR)}
    save("latent_2d", net, {"network": config, "scale_factor": SCALE_FACTOR, "scheduler": schedule, "flows": FLOWS},
         case)


if __name__ == "__main__":
    networks()
    steps("1_4", schedulers_1_4)
    newer = types.ModuleType("newer")
    newer.__path__ = [sys.argv[1]]
    sys.modules["newer"] = newer
    newer.DDPMScheduler = importlib.import_module("newer.ddpm").DDPMScheduler
    newer.DDIMScheduler = importlib.import_module("newer.ddim").DDIMScheduler
    steps("1_6", newer)
    latent(importlib.import_module("newer.rectified_flow"))
